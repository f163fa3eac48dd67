"""When a run has said all it has to say."""

import time
from contextlib import suppress

from confluent_kafka import Consumer, TopicPartition
from footfall_flink.rest import FlinkUnavailableError
from footfall_schemas.topics import load_topics, topic

from support.kafka import wait_until
from support.shop import Shop

JOB = "footfall"
SOURCES = {"shop_events": ("clickstream", "checkouts"), "inventory_movements": ("inventory-updates",)}
"""Topics by the table that reads them; the job's consumer groups are named after the tables."""
PATIENCE = 600.0
"""Seconds that anything may take, on a machine that is busy otherwise."""
QUIET = 15.0
"""Seconds without a new row, longer than any idle timeout."""


def wait_job_up(shop: Shop, seconds: float = PATIENCE) -> None:
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


def wait_quiet(shop: Shop, seconds: float = PATIENCE, *, quiet_for: float = QUIET) -> None:
    """Wait until the job has read everything and nothing new has been committed for a while."""
    ends, since = written(shop), time.monotonic()

    def quiet() -> bool:
        nonlocal ends, since
        now = written(shop)
        if now != ends or not job_is_up(shop) or not _has_read_all(shop):
            ends, since = now, time.monotonic()
        return time.monotonic() - since > quiet_for

    wait_until(quiet, seconds=seconds, what="everything read and nothing new committed")


def _has_read_all(shop: Shop) -> bool:
    """Tell whether the job's last checkpoint, which commits how far it has read, covers all input."""
    return all(_is_read(shop, f"{JOB}-{table}", names) for table, names in SOURCES.items())


def _is_read(shop: Shop, group: str, names: tuple[str, ...]) -> bool:
    consumer = Consumer({"bootstrap.servers": shop.kafka, "group.id": group, "enable.auto.commit": False})
    try:
        places = [TopicPartition(name, partition) for name in names for partition in range(topic(name).partitions)]
        return all(
            found.offset >= consumer.get_watermark_offsets(found, timeout=30)[1]
            for found in consumer.committed(places, timeout=30)
        )
    finally:
        consumer.close()


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
            if each.kind != "events"
        }
    finally:
        consumer.close()
