"""When a run has said all it has to say."""

import time
from contextlib import suppress

from confluent_kafka import Consumer, TopicPartition
from footfall_flink.rest import FlinkUnavailableError
from footfall_schemas.topics import load_topics

from support.kafka import wait_until
from support.shop import Shop

JOB = "footfall"
QUIET = 15.0
"""Seconds without a new row, longer than any idle timeout."""


def wait_job_up(shop: Shop, seconds: float = 240) -> None:
    """Wait until every task of the job runs."""
    wait_until(lambda: job_is_up(shop), seconds=seconds, what="every task running")


def job_is_up(shop: Shop) -> bool:
    with suppress(FlinkUnavailableError):
        jobs = shop.flink.jobs(JOB)
        return bool(jobs) and jobs[-1].is_up
    return False


def dropped(shop: Shop, job_id: str) -> dict[str, float]:
    """Return how many rows Flink itself dropped as late, by operator; nothing while the cluster does not answer."""
    with suppress(FlinkUnavailableError):
        return shop.flink.metric_sums(job_id, "numLateRecordsDropped")
    return {}


def wait_quiet(shop: Shop, seconds: float = 300) -> None:
    """Wait until the job is up and nothing new has been committed for a while."""
    ends, since = written(shop), time.monotonic()

    def quiet() -> bool:
        nonlocal ends, since
        now = written(shop)
        if now != ends or not job_is_up(shop):
            ends, since = now, time.monotonic()
        return time.monotonic() - since > QUIET

    wait_until(quiet, seconds=seconds, what="no new rows")


def written(shop: Shop) -> dict[str, int]:
    """Return how far each output topic has come."""
    consumer = Consumer({"bootstrap.servers": shop.kafka, "group.id": "prove"})
    try:
        return {
            topic.name: sum(
                consumer.get_watermark_offsets(TopicPartition(topic.name, partition), timeout=30)[1]
                for partition in range(topic.partitions)
            )
            for topic in load_topics().values()
            if topic.kind != "events"
        }
    finally:
        consumer.close()
