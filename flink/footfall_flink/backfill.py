"""Run the whole core once over topics of their own, beside the live job: how recorded events are replayed.

The live job's clock is at the present, where every recorded event is late. A replay therefore gets input topics and a job
of its own; its results go to the same output topics, exactly once, and the end of the input closes every window.
"""

import time
from dataclasses import dataclass

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient
from footfall_schemas.provision import ensure_topics
from footfall_schemas.topics import Topic, load_topics

from footfall_flink.launch import Submission
from footfall_flink.options import job_options
from footfall_flink.partitions import partitions_of
from footfall_flink.plan import plan
from footfall_flink.rest import FlinkRest
from footfall_flink.settings import AnalyticsSettings

POLL = 0.5
"""Seconds between two looks at the job."""


class BackfillError(RuntimeError):
    """The job failed; the message carries Flink's reason."""


@dataclass(frozen=True)
class Backfill:
    """One run over the topics `<prefix>clickstream`, `<prefix>checkouts` and `<prefix>inventory-updates`."""

    settings: AnalyticsSettings
    prefix: str
    rest: FlinkRest

    @property
    def job_name(self) -> str:
        """Name of the run's job; its transactions and consumer groups are named after it."""
        return f"{self.settings.job_name}-{self.prefix.rstrip('-')}"

    def create_topics(self) -> None:
        """Create the run's input topics."""
        ensure_topics(self.settings.librdkafka(), _streams(), prefix=self.prefix)

    def delete_topics(self) -> None:
        """Delete the run's input topics; one that is gone already is none of our business."""
        admin = AdminClient(self.settings.librdkafka())
        for future in admin.delete_topics([self.prefix + topic.name for topic in _streams()]).values():
            future.exception()

    def start(self, *, bounded: bool) -> str:
        """Submit the run's job and return its id.

        Args:
            bounded: End when everything that the topics hold now is read; otherwise `drain` ends it.

        Raises:
            SubmitError: The job was not accepted.
        """
        settings = self.settings.model_copy(update={"job_name": self.job_name})
        script = plan(settings, bounded=bounded, input_prefix=self.prefix)
        plan_file = settings.state_dir / f"{self.job_name}.plan.json"
        try:
            return Submission(settings, script, job_options(settings, name=self.job_name), plan_file).execute()
        finally:
            plan_file.unlink(missing_ok=True)

    def wait(self, job_id: str) -> None:
        """Return when the job has finished and all its results are committed.

        Raises:
            BackfillError: It failed or was cancelled.
        """
        while True:
            job = next(job for job in self.rest.jobs(self.job_name) if job.id == job_id)
            if job.state == "FINISHED":
                return
            if not job.is_alive:
                raise BackfillError(f"job {job_id} is {job.state}: {self.rest.root_exception(job_id)}")
            time.sleep(POLL)

    def drain(self) -> str:
        """Have an unbounded run close every window, commit and end once it has read all that was published.

        Returns:
            The job's id.

        Raises:
            BackfillError: No such job runs.
        """
        jobs = [job for job in self.rest.jobs(self.job_name) if job.is_alive]
        if not jobs:
            raise BackfillError(f"no job {self.job_name} runs")
        while not self._has_read_everything():
            time.sleep(POLL)
        self.rest.stop(jobs[-1].id, self.settings.state_dir / "drained", drain=True)
        return jobs[-1].id

    def discard(self) -> None:
        """End the run's job, if there is one, and delete its input topics."""
        for job in self.rest.jobs(self.job_name):
            if job.is_alive:
                self.rest.cancel(job.id)
        self.delete_topics()

    def _has_read_everything(self) -> bool:
        group = f"{self.job_name}-shop_events"
        consumer = Consumer(self.settings.librdkafka() | {"group.id": group, "enable.auto.commit": "false"})
        try:
            wanted = [
                place
                for topic in _streams()
                if topic.name != "inventory-updates"
                for place in partitions_of(consumer, self.prefix + topic.name, timeout=10)
            ]
            ends = {(p.topic, p.partition): consumer.get_watermark_offsets(p, timeout=10)[1] for p in wanted}
            committed = consumer.committed(wanted, timeout=10)
        finally:
            consumer.close()
        return all(max(p.offset, 0) >= ends[p.topic, p.partition] for p in committed)


def _streams() -> list[Topic]:
    return [topic for topic in load_topics().values() if topic.kind == "events" and topic.cleanup == "delete"]
