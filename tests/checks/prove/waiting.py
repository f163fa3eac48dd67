"""When a run has said all it has to say."""

import time
from contextlib import suppress
from dataclasses import dataclass

from confluent_kafka import Consumer, TopicPartition
from footfall_analytics.planning.inputs import inputs
from footfall_analytics.running.rest import FlinkUnavailableError, Job
from footfall_schemas.partitions import partitions_of
from footfall_schemas.topics import load_topics

from support.kafka import wait_until
from support.shop import Shop

JOB, STOCK_JOB = "footfall", "footfall-stock"
"""What Flink calls the jobs."""
PATIENCE = 600.0
"""Seconds that anything may take, on a machine that is busy otherwise."""
QUIET = 15.0
"""Seconds without a new row, longer than any idle timeout."""
CHECKPOINT_WITHIN = 1.5
"""Seconds, of which an interval is one; a job that completes fewer does not get on."""


@dataclass(frozen=True)
class Jobs:
    """What computes the streams: one job, or one for the shoppers' and one for the stock's.

    Args:
        shop: The stack.
        stock_apart: Whether there are two.
    """

    shop: Shop
    stock_apart: bool = False

    @property
    def processes(self) -> list[str]:
        """Their supervisors, as the stack calls them."""
        return ["analytics", "analytics-stock"] if self.stock_apart else ["analytics"]

    @property
    def names(self) -> list[str]:
        """What Flink calls them."""
        return [JOB, STOCK_JOB] if self.stock_apart else [JOB]

    def wait_up(self, seconds: float = PATIENCE) -> None:
        """Wait until every task runs."""
        wait_until(self.are_up, seconds=seconds, what="every task running")

    def are_up(self) -> bool:
        with suppress(FlinkUnavailableError):
            return all(jobs and jobs[-1].is_up for jobs in map(self.shop.flink.jobs, self.names))
        return False

    def checkpoints(self) -> int:
        """Return how many the newest of each has completed, the least of them; 0 while the cluster does not answer."""
        with suppress(FlinkUnavailableError):
            return min((self.shop.flink.completed_checkpoints(job.id) for job in self._newest()), default=0)
        return 0

    def dropped(self) -> dict[str, float]:
        """Return what `dropped` says of the newest of each; an incarnation of a job counts from nothing."""
        with suppress(FlinkUnavailableError):
            return {
                f"{name} of {job.id}": n for job in self._newest() for name, n in dropped(self.shop, job.id).items()
            }
        return {}

    def _newest(self) -> list[Job]:
        """Return the newest of each, those that the cluster has had."""
        return [job for name in self.names for job in self.shop.flink.jobs(name)[-1:]]


def dropped(shop: Shop, job_id: str) -> dict[str, float]:
    """Return how many rows Flink itself dropped as late, by operator; nothing while the cluster does not answer."""
    with suppress(FlinkUnavailableError):
        return shop.flink.metric_sums(job_id, "numLateRecordsDropped")
    return {}


def wait_quiet(jobs: Jobs, seconds: float = PATIENCE, *, quiet_for: float = QUIET) -> None:
    """Wait until the jobs have read everything and nothing new has been committed for a while.

    On a machine that stands still nothing is committed, either: they must have completed checkpoints meanwhile.
    """
    shop = jobs.shop
    ends, since, before = written(shop), time.monotonic(), jobs.checkpoints()

    def quiet() -> bool:
        nonlocal ends, since, before
        now, completed = written(shop), jobs.checkpoints()
        if now != ends or completed < before or not jobs.are_up() or not _has_read_all(shop):
            ends, since, before = now, time.monotonic(), completed
        return time.monotonic() - since > quiet_for and completed - before > quiet_for / CHECKPOINT_WITHIN

    wait_until(quiet, seconds=seconds, what="everything read and nothing new committed")


def _has_read_all(shop: Shop) -> bool:
    """Tell whether the last checkpoints, which commit how far was read, cover all input."""
    return all(_is_read(shop, f"{JOB}-{table}", names) for table, names in inputs().items())


def _is_read(shop: Shop, group: str, names: tuple[str, ...]) -> bool:
    consumer = Consumer({"bootstrap.servers": shop.kafka, "group.id": group, "enable.auto.commit": False})
    try:
        places = [place for name in names for place in partitions_of(consumer, name, timeout=30)]
        return all(_is_at_end(consumer, found) for found in consumer.committed(places, timeout=30))
    finally:
        consumer.close()


def _is_at_end(consumer: Consumer, committed: TopicPartition) -> bool:
    """Tell whether nothing is left; a partition without messages has no committed offset."""
    begin, end = consumer.get_watermark_offsets(committed, timeout=30)
    return bool(max(committed.offset, begin) >= end)


def written(shop: Shop) -> dict[str, int]:
    """Return how far each output topic has come."""
    consumer = Consumer({"bootstrap.servers": shop.kafka, "group.id": "prove"})
    try:
        return {
            each.name: sum(
                consumer.get_watermark_offsets(TopicPartition(each.name, partition), timeout=30)[1]
                for partition in range(each.partitions)
            )
            for each in load_topics().values()
            if each.is_output
        }
    finally:
        consumer.close()
