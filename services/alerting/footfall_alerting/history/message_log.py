"""Keeps the newest message of each webhook: a topic that is written in batches, which nobody waits for."""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from confluent_kafka import KafkaError, Producer

from footfall_alerting.job import Message
from footfall_alerting.metrics import HISTORY_LOST

LINGER = 50
"""Milliseconds that a message waits for others to go with."""
MOST_WAITING = 32 * 1024
"""Kilobytes of messages that wait while Kafka is away; what comes then is counted and lost."""

log = structlog.get_logger(__name__)


class Appender(Protocol):
    """What of Kafka's producer is used here."""

    def produce(self, topic: str, **record: Any) -> None:
        """Queue a record, or raise BufferError."""

    def poll(self, timeout: float) -> int:
        """Tell of what was delivered since."""

    def flush(self, timeout: float) -> int:
        """Wait until everything is delivered, and return how many records are not."""


def producer_of(client: Mapping[str, str]) -> Producer:
    """Return the producer of a log.

    Args:
        client: librdkafka settings of the connection.
    """
    return Producer(
        {
            **client,
            # Of one webhook the newest message must come last, whatever is sent again.
            "enable.idempotence": True,
            "linger.ms": LINGER,
            "compression.type": "lz4",
            "queue.buffering.max.kbytes": MOST_WAITING,
            # However long Kafka is away.
            "message.timeout.ms": 0,
        }
    )


class MessageLog:
    """Takes messages and returns at once.

    Args:
        producer: Appends records in batches.
        topic: Name of the topic of messages.
    """

    def __init__(self, producer: Appender, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    def put(self, message: Message, partition: int) -> None:
        """Keep a message in the partition that its job is in."""
        try:
            self._producer.produce(
                self._topic,
                key=message.job.webhook_id.encode(),
                value=message.encode(),
                partition=partition,
                on_delivery=_told,
            )
        except BufferError:
            _lost("too many wait for Kafka")
        self._producer.poll(0)

    def flush(self, timeout: float) -> None:
        """Wait for what is on its way, so many seconds at most."""
        if left := self._producer.flush(timeout):
            log.warning("history is not written", messages=left)


def _told(error: KafkaError | None, _: Any) -> None:
    if error is not None:
        _lost(str(error))


def _lost(reason: str) -> None:
    HISTORY_LOST.inc()
    log.warning("a message is not kept", reason=reason)
