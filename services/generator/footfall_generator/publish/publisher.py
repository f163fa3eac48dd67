"""Sends encoded messages to Kafka and knows how many the broker has acknowledged."""

from collections import Counter
from collections.abc import Callable, Mapping
from operator import length_hint

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from footfall_schemas.errors import TransientError

from footfall_generator.events.rows import Rows

log = structlog.get_logger()

PRODUCER = {
    "acks": "all",
    "enable.idempotence": True,
    "compression.type": "lz4",
    "linger.ms": 50,
    "batch.size": 1 << 20,
    "batch.num.messages": 50_000,
    "queue.buffering.max.messages": 500_000,
    "queue.buffering.max.kbytes": 256 * 1024,
    "partitioner": "murmur2_random",  # as the Java client and Faust do, so that all agree on a key's partition
    "delivery.report.only.error": True,
}
POLL_EVERY = 20_000
"""Messages between two looks at the acknowledgements; a look costs as much as many messages."""
FULL_QUEUE_WAIT = 0.05
"""Seconds to wait for room in the queue."""


class PublishingError(TransientError):
    """The producer cannot go on; only a new one can."""


class Publisher:
    """One idempotent producer; the record time stays unset, for the broker to stamp: retention counts from it.

    Args:
        client: librdkafka settings of the connection.
        prefix: Put before every topic name.
        stopped: Says that somebody wants the end; a full queue is not waited for then.
    """

    def __init__(
        self, client: Mapping[str, str], *, prefix: str = "", stopped: Callable[[], bool] = lambda: False
    ) -> None:
        self.prefix = prefix
        self.sent: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        """Never handed over, because the end came while the queue was full."""
        self._stopped = stopped
        self._fatal = ""
        settings = {**client, **PRODUCER, "on_delivery": self._on_failure, "error_cb": self._on_error}
        self._producer = Producer(settings)

    def send(self, rows: Rows) -> None:
        """Hand the messages over to the producer's queue; waits while it is full.

        Raises:
            PublishingError: The producer has failed for good.
        """
        if self._fatal:
            raise PublishingError(self._fatal)
        keys, values = rows.keys.tolist(), rows.values.tolist()
        for first in range(0, len(rows), POLL_EVERY):
            part = slice(first, first + POLL_EVERY)
            self._hand_over(rows.topic, values[part], keys[part])
            self._producer.poll(0)

    def _hand_over(self, topic: str, values: list[bytes | None], keys: list[bytes]) -> None:
        name, produce, rest = self.prefix + topic, self._producer.produce, iter(values)
        for value, key in zip(rest, keys, strict=False):
            try:
                produce(name, value, key)
            except BufferError:
                if not self._produce_patiently(name, value, key):
                    dropped = 1 + length_hint(rest)
                    self.dropped[topic] += dropped
                    self.sent[topic] -= dropped
                    break
        self.sent[topic] += len(values)

    def flush(self, timeout: float) -> int:
        """Wait up to so many seconds for the acknowledgements; return how many are missing."""
        return int(self._producer.flush(timeout))

    @property
    def waiting(self) -> int:
        """Messages that are not acknowledged yet."""
        return len(self._producer)

    @property
    def acknowledged(self) -> int:
        """Messages the broker has confirmed."""
        return self.sent.total() - self.failed.total() - self.waiting

    def partitions(self, topic: str) -> int:
        """Return how many partitions the topic has.

        Raises:
            KafkaException: The broker did not say.
        """
        name = self.prefix + topic
        metadata = self._producer.list_topics(name, timeout=10).topics[name]
        if metadata.error:
            raise KafkaException(metadata.error)
        return len(metadata.partitions)

    def _produce_patiently(self, name: str, value: bytes | None, key: bytes) -> bool:
        while not self._stopped():
            self._producer.poll(FULL_QUEUE_WAIT)
            try:
                self._producer.produce(name, value, key)
            except BufferError:
                continue
            return True
        return False

    def _on_failure(self, error: KafkaError, message: Message) -> None:
        topic = message.topic().removeprefix(self.prefix)
        if not self.failed[topic]:
            log.error("message not delivered", topic=message.topic(), reason=error.str())
        self.failed[topic] += 1

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._fatal = error.str()
        else:
            log.warning("broker trouble", reason=error.str())
