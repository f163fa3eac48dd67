"""The topic of progress: what was claimed last, and the next claim; and how far the outputs can be read."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol

from confluent_kafka import Producer
from footfall_health.ask.offsets import Place
from footfall_schemas.codec import encode, key_of
from footfall_schemas.errors import TransientError
from footfall_schemas.topics import topic

from footfall_analytics.reading.ends import ends_of
from footfall_analytics.reading.tail import tail
from footfall_analytics.running.progress import Claim
from footfall_analytics.settings import AnalyticsSettings

PROGRESS = "progress"
DELIVERY = 30.0
"""Seconds that the broker may take for a row; it is given up then, for a newer one."""
LOOKED_BACK = 500
"""Rows among which the last one of each job is: a few jobs write in turn."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotDeliveredError(TransientError):
    """The broker did not take a row."""


class ClaimsTopic(Protocol):
    """What the publisher needs of Kafka. Each call may raise KafkaException or TransientError."""

    def last(self) -> Claim | None:
        """Return what was claimed last of the job."""

    def publish(self, claim: Claim | None) -> None:
        """Replace the job's row; None deletes it. Returns when the broker has it."""

    def ends(self, topics: Collection[str], *, committed: bool) -> dict[Place, int]:
        """Return where each partition ends, or how far it can be read by who reads committed rows only."""


class ProgressTopic:
    """The real one.

    Args:
        settings: How to reach Kafka and the registry.
        job: Name of the job in Flink.
    """

    def __init__(self, settings: AnalyticsSettings, job: str) -> None:
        self._settings = settings
        self._job = job
        self._described = topic(PROGRESS)
        self._name = settings.topic_prefix + PROGRESS
        self._registry = settings.registry()
        self._producer: Producer | None = None

    def last(self) -> Claim | None:
        """Return what was claimed last of the job."""
        found: Claim | None = None
        for row in tail(self._settings.librdkafka(), self._registry, self._name, last=LOOKED_BACK, follow=False):
            if row and row.get("job") == self._job:
                found = Claim(_millis(row["watermark"]), row["checkpoint_id"], _millis(row["completed_at"]))
            elif row and row.get("deleted") and row.get("key") == self._job:
                found = None
        return found

    def publish(self, claim: Claim | None) -> None:
        """Replace the job's row; None deletes it. Returns when the broker has it."""
        row = {
            "job": self._job,
            "watermark": _time(claim.watermark if claim else 0),
            "checkpoint_id": claim.checkpoint_id if claim else 0,
            "completed_at": _time(claim.completed_at if claim else 0),
        }
        schema_id = self._registry.register(self._described)
        value = encode(schema_id, self._described.schema, row) if claim else None
        failed: list[str] = []
        producer = self._producer = self._producer or self._connect()
        producer.produce(
            self._name,
            value,
            key_of(self._described, row),
            on_delivery=lambda error, _: failed.append(error.str()) if error else None,
        )
        left = producer.flush(DELIVERY + 1)
        if left or failed:
            # Whatever it still holds is not to come after a newer row.
            self._producer = None
            raise NotDeliveredError(failed[0] if failed else "the broker does not answer")

    def ends(self, topics: Collection[str], *, committed: bool) -> dict[Place, int]:
        """Return where each partition ends, or how far it can be read by who reads committed rows only."""
        return ends_of(self._settings.librdkafka(), topics, committed=committed)

    def _connect(self) -> Producer:
        return Producer(
            self._settings.librdkafka()
            | {
                "enable.idempotence": True,
                "delivery.timeout.ms": int(DELIVERY * 1000),
                # One row at a time.
                "queue.buffering.max.messages": 1,
            }
        )


def _time(millis: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=millis)


def _millis(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
