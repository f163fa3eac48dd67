"""Run all of analytics once over events of the past, beside the live job: how recorded events are replayed.

The live job's clock is at the present, where every recorded event is late. A replay therefore gets a job of its own, input
topics of its own, and topics of recorded results: nothing that is live changes by it. The end of the input closes every
window.
"""

import shutil
import time
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient
from footfall_schemas.access_errors import asking, check_credentials
from footfall_schemas.errors import PermanentError
from footfall_schemas.partitions import partitions_of
from footfall_schemas.provision import delete_held, empty_topics, ensure_recorded, ensure_topics
from footfall_schemas.topics import RECORDED, Topic, load_topics

from footfall_analytics.compiling.submission import Submission
from footfall_analytics.planning.script import build_script
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings

CATEGORIES = "categories"
"""The dimension that a run may have of its own."""
POLL = 0.5
"""Seconds between two looks at the job."""
SLOT_TIMEOUT = 5.0
"""Seconds within which slots must be free."""
CANCEL_TIMEOUT = 60.0
"""Seconds a job may take to end when it is told to."""


class BackfillError(PermanentError):
    """The run cannot begin, or its job failed; the message carries the reason and the cure."""


@dataclass(frozen=True)
class Backfill:
    """One run over the topics `<prefix>clickstream`, `<prefix>checkouts`, `<prefix>refunds`, `<prefix>inventory-updates`.

    And over `<prefix>categories` in place of the shop's, if there is such a topic.
    """

    settings: AnalyticsSettings
    """Those of the live job; the run's own follow from them."""
    prefix: str
    """Empty for the live topics, which are read again to where they end now."""
    rest: FlinkRest

    @property
    def job_name(self) -> str:
        """Name of the run's job; its transactions and consumer groups are named after it."""
        return "-".join([self._name_of_runs, *filter(None, [self.prefix.rstrip("-")])])

    @property
    def input_prefix(self) -> str:
        """What the names of the topics begin with that the run reads."""
        return self.prefix or self.settings.topic_prefix

    @property
    def job_settings(self) -> AnalyticsSettings:
        """Settings of the run's job: every stream, under a name of its own.

        And with state of its own: the live job goes on from the newest checkpoint in its folder, whosever that is.
        """
        data = self.settings.data_dir / "flink-recorded" / self.job_name
        return self.settings.model_copy(update={"job_name": self.job_name, "job": "all", "data_dir": data})

    @property
    def results(self) -> list[str]:
        """Names of the topics of recorded results."""
        return [self.settings.topic_prefix + RECORDED + topic.name for topic in _outputs()]

    def require_place(self) -> None:
        """See that the run can begin.

        Raises:
            BackfillError: Another run goes on, or the cluster has no free slots.
            FlinkUnavailableError: The cluster does not answer.
        """
        for job in self.rest.all_jobs():
            if job.is_alive and (job.name + "-").startswith(f"{self._name_of_runs}-"):
                prefix = job.name.removeprefix(self._name_of_runs).removeprefix("-")
                cure = " ".join(filter(None, ["footfall backfill", prefix and f"{prefix}-", "--stage delete"]))
                raise BackfillError(
                    f"job {job.name} is still computing an earlier replay, and the results would mix; "
                    f"wait for it to end, or stop it: {cure}"
                )
        require_slots(self.rest, max(self.settings.parallelism, self.settings.source_parallelism))

    def create_topics(self, *, categories: bool = False) -> None:
        """Create the run's input topics.

        Args:
            categories: The run has categories of its own.

        Raises:
            BackfillError: There is no prefix: the live topics are not the run's own.
        """
        if not self.prefix:
            raise BackfillError("a run over the live topics has no topics of its own: give a prefix")
        wanted = [*_inputs(), *([load_topics()[CATEGORIES]] if categories else [])]
        ensure_topics(self.settings.librdkafka(), wanted, prefix=self.prefix)

    def delete_topics(self) -> None:
        """Delete the run's input topics, if they are its own; one that is gone already is none of our business."""
        if self.prefix:
            admin = AdminClient(self.settings.librdkafka())
            names = [self.prefix + name for name in (*(topic.name for topic in _inputs()), CATEGORIES)]
            for future in admin.delete_topics(names).values():
                future.exception()

    def start(self, *, bounded: bool, keep_recorded: bool = False) -> str:
        """Submit the run's job and return its id.

        Args:
            bounded: End when everything that the topics hold now is read; otherwise `drain` ends it.
            keep_recorded: Add to the results of earlier runs, which are deleted otherwise.

        Raises:
            AccessRefusedError: The broker or the registry refuses the user, or the registry is none.
            BackfillError: It cannot begin.
            RegistryUnavailableError: The registry does not answer.
            SubmitError: The job was not accepted.
        """
        self.require_place()
        known = self._require_inputs()
        with closing(self.settings.registry()) as registry:
            # Without it, the job would wait in silence, or take every message for dead.
            registry.ping()
        own = [CATEGORIES] if self.prefix and self.prefix + CATEGORIES in known else []
        settings = self.job_settings
        script = build_script(settings, bounded=bounded, input_prefix=self.input_prefix, own_dimensions=own)
        plan_file = settings.state_dir / f"{self.job_name}.plan.json"
        client = self.settings.librdkafka()
        if not keep_recorded:
            # A killed run's transaction would hide what this one writes, for as long as it may stay open.
            delete_held(client, self.results)
        created = ensure_recorded(client, _outputs(), prefix=self.settings.topic_prefix)
        if not keep_recorded:
            # One that was just created has nothing, and may have no leader yet.
            empty_topics(client, set(self.results) - set(created))
        try:
            return Submission(settings, script, plan_file).execute()
        finally:
            plan_file.unlink(missing_ok=True)

    def wait(self, job_id: str) -> None:
        """Return when the job has finished and all its results are committed.

        Raises:
            BackfillError: It failed or was cancelled.
        """
        wait_for_end(self.rest, self.job_name, job_id)

    def drain(self) -> str:
        """Have an unbounded run close every window, commit and end once it has read all that was published.

        Returns:
            The job's id.

        Raises:
            BackfillError: No such job runs.
        """
        jobs = [job for job in self.rest.jobs(self.job_name) if job.is_alive]
        if not jobs:
            raise BackfillError(f"job {self.job_name} is not running")
        while not self._has_read_everything():
            time.sleep(POLL)
        self.rest.stop(jobs[-1].id, self.job_settings.state_dir / "drained", drain=True)
        return jobs[-1].id

    def clean_up(self) -> None:
        """Delete what a run that has ended needs no more: its input topics and its state."""
        self.delete_topics()
        shutil.rmtree(self.job_settings.data_dir, ignore_errors=True)

    def discard(self, *, keep_recorded: bool = False) -> None:
        """End the run's job, if there is one, and delete what it leaves: half a result is none.

        Args:
            keep_recorded: Leave the results, which earlier runs have a part in.
        """
        jobs = self.rest.jobs(self.job_name)
        alive = [job for job in jobs if job.is_alive]
        for job in alive:
            self.rest.cancel(job.id)
        deadline = time.monotonic() + CANCEL_TIMEOUT
        while time.monotonic() < deadline and any(job.is_alive for job in self.rest.jobs(self.job_name) if alive):
            time.sleep(POLL)
        if jobs and jobs[-1].state != "FINISHED" and not keep_recorded:
            empty_topics(self.settings.librdkafka(), self.results)
        self.clean_up()

    @property
    def _name_of_runs(self) -> str:
        return f"{self.settings.job_name}-{RECORDED.rstrip('-')}"

    def _require_inputs(self) -> Collection[str]:
        """Return the names of all topics."""
        known = check_credentials(self.settings.librdkafka())
        names = [self.input_prefix + topic.name for topic in _inputs()]
        if missing := [name for name in names if name not in known]:
            cure = f"; create them: footfall backfill {self.prefix} --stage create" if self.prefix else ""
            raise BackfillError(f"no topic {', '.join(missing)} at {self.settings.kafka_bootstrap_servers}{cure}")
        return known

    def _has_read_everything(self) -> bool:
        group = f"{self.job_name}-shop_events"
        client = self.settings.librdkafka()
        consumer = Consumer(client | {"group.id": group, "enable.auto.commit": "false"})
        try:
            with asking(client, f"read the offsets of {group}"):
                wanted = [
                    place
                    for topic in _inputs()
                    if topic.name != "inventory-updates"
                    for place in partitions_of(consumer, self.input_prefix + topic.name, timeout=10)
                ]
                ends = {(p.topic, p.partition): consumer.get_watermark_offsets(p, timeout=10)[1] for p in wanted}
                committed = consumer.committed(wanted, timeout=10)
        finally:
            consumer.close()
        return all(max(p.offset, 0) >= ends[p.topic, p.partition] for p in committed)


def require_slots(rest: FlinkRest, needed: int) -> None:
    """See that so many slots are free, or become so in a moment, as those of a job that has just ended do.

    Raises:
        BackfillError: They are not: the job would wait for them, and say nothing.
        FlinkUnavailableError: The cluster does not answer.
    """
    deadline = time.monotonic() + SLOT_TIMEOUT
    while (free := rest.free_slots()) < needed:
        if time.monotonic() > deadline:
            raise BackfillError(
                f"the run needs {needed} slots and Flink has {free} free; raise FLINK_SLOTS before `make run`, "
                "or lower ANALYTICS_PARALLELISM for the run"
            )
        time.sleep(POLL)


def wait_for_end(rest: FlinkRest, job_name: str, job_id: str) -> None:
    """Return when a job that ends by itself has finished and all its results are committed.

    Raises:
        BackfillError: It failed or was cancelled.
    """
    while True:
        job = next(job for job in rest.jobs(job_name) if job.id == job_id)
        if job.state == "FINISHED":
            return
        if not job.is_alive:
            raise BackfillError(f"job {job_id} is {job.state}: {rest.root_exception(job_id)}")
        time.sleep(POLL)


def _inputs() -> list[Topic]:
    return [topic for topic in load_topics().values() if not topic.is_output and topic.cleanup == "delete"]


def _outputs() -> list[Topic]:
    return [topic for topic in load_topics().values() if topic.is_computed]
