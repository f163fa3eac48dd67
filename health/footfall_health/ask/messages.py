"""Reads windows of a topic with a consumer of its own, which is in no group and commits nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from footfall_schemas.access_errors import AccessRefusedError, access_error

from footfall_health.ask.deadline import Deadline, NoAnswerError


@dataclass(frozen=True)
class RawMessage:
    """A message as it was read."""

    partition: int
    offset: int
    millis: int | None
    """When it was appended, in epoch milliseconds."""
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.key or b"") + len(self.value or b"")


Windows = Mapping[int, tuple[int, int]]
"""By partition: the first offset to read, and the one behind the last."""
Read = Callable[[Windows], Iterable[RawMessage]]
"""Yields the messages of windows, those of each partition in order."""


@contextmanager
def reading(client: Mapping[str, str], topic: str, deadline: Deadline) -> Iterator[Read]:
    """Lend what reads a topic's windows, as readers of committed messages see them.

    What is lent raises AccessRefusedError if the user may not, and NoAnswerError if time is up.

    Args:
        client: librdkafka settings of the connection.
        topic: Its name on the broker.
        deadline: When all must have been read.
    """
    settings: dict[str, Any] = {
        **client,
        "group.id": "unused",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
        # Otherwise the broker holds back the answer that there is no more.
        "fetch.wait.max.ms": 10,
        # What lies behind a window is fetched for nothing.
        "queued.max.messages.kbytes": 16_384,
        "fetch.message.max.bytes": 524_288,
    }
    consumer = Consumer(settings)
    try:
        yield lambda windows: _messages(consumer, client, topic, windows, deadline)
    finally:
        consumer.close()


def _messages(
    consumer: Consumer, client: Mapping[str, str], topic: str, windows: Windows, deadline: Deadline
) -> Iterator[RawMessage]:
    waiting = {number: stop for number, (start, stop) in windows.items() if start < stop}
    places = [TopicPartition(topic, number, windows[number][0]) for number in waiting]
    consumer.assign(places)
    # A partition stays paused from window to window otherwise, and is waited for in vain.
    consumer.resume(places)
    while waiting:
        message = consumer.poll(deadline.left())
        if message is None:
            raise NoAnswerError(f"topic {topic} was not read in time: {deadline.reason}")
        number = message.partition()
        if message.error() is not None:
            if message.error().code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                waiting.pop(number, None)
                continue
            meant = access_error(client, message.error(), f"read topic {topic}")
            if isinstance(meant, AccessRefusedError):
                raise meant
            # Any other error passes, or time does.
            continue
        if number in waiting and message.offset() < waiting[number]:
            yield _raw(message)
        if number in waiting and message.offset() >= waiting[number] - 1:
            del waiting[number]
            consumer.pause([TopicPartition(topic, number)])


def _raw(message: Message) -> RawMessage:
    kind, millis = message.timestamp()
    return RawMessage(
        message.partition(),
        message.offset(),
        millis if kind and millis >= 0 else None,
        message.key(),
        message.value(),
        _headers(message),
    )


def _headers(message: Message) -> tuple[tuple[str, bytes | None], ...]:
    try:
        return tuple((name, value) for name, value in message.headers() or ())
    except UnicodeDecodeError:
        # A name that is no text: the client gives up on all of them.
        return ()
