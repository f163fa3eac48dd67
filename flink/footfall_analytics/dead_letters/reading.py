"""Reads topics as a reader of committed results, no further than they reached when it began."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from footfall_schemas.access_errors import access_error, asking, silent
from footfall_schemas.partitions import partitions_of

from footfall_analytics.dead_letters.letter import Place

PATIENCE = 30.0
"""Seconds the broker may say nothing."""
NEAR = 1000
"""Messages that are read over rather than asked for anew."""


@dataclass(frozen=True)
class Range:
    """Which messages of each partition: those since a moment, of them the last ones."""

    since: datetime | None = None
    last: int | None = None
    """None is all."""


class Reader:
    """Reads messages; a context manager.

    Args:
        client: librdkafka settings of the connection.
    """

    def __init__(self, client: Mapping[str, str]) -> None:
        self._client = client
        self._consumer = Consumer(
            dict(client)
            | {"group.id": "footfall-dead-letters", "enable.auto.commit": False, "enable.partition.eof": True}
            | {"isolation.level": "read_committed", "auto.offset.reset": "earliest"}
            # So that the end of a partition is told at once.
            | {"fetch.wait.max.ms": 50}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def exists(self, topic: str) -> bool:
        """Tell whether there is such a topic.

        Raises:
            AccessRefusedError: The user may not know.
            BrokerAwayError: The broker does not answer.
        """
        with asking(self._client, f"read topic {topic}"):
            error = self._consumer.list_topics(topic, timeout=PATIENCE).topics[topic].error
        if error and error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise access_error(self._client, error, f"read topic {topic}")
        return error is None

    def read(self, topic: str, wanted: Range = Range()) -> Iterator[Message]:
        """Yield the topic's messages, each partition's in order, to where it ended at the start.

        Raises:
            AccessRefusedError: The user may not read the topic.
            BrokerAwayError: The broker does not answer.
        """
        begins, ends = [], {}
        for place in self._begins(topic, wanted):
            low, high = self._ends(place)
            begin = high if place.offset < 0 else max(low, place.offset)
            # Twice as many: the ends of transactions take offsets, too.
            begin = begin if wanted.last is None else max(begin, high - 2 * wanted.last)
            if begin < high:
                begins.append(TopicPartition(topic, place.partition, begin))
                ends[place.partition] = high
        yield from self._until(begins, ends)

    def after(self, place: Place) -> Iterator[Message]:
        """Yield the messages of a partition behind this one."""
        _, high = self._ends(TopicPartition(*place[:2]))
        if place.offset + 1 < high:
            begin = TopicPartition(place.topic, place.partition, place.offset + 1)
            yield from self._until([begin], {place.partition: high})

    def originals(self, places: list[Place]) -> dict[Place, Message]:
        """Return the messages that are still at these places."""
        found: dict[Place, Message] = {}
        wanted, position = sorted(places), None
        for place in wanted:
            low, high = self._ends(TopicPartition(*place[:2]))
            if not low <= place.offset < high:
                continue
            if position is None or position[:2] != place[:2] or not 0 <= place.offset - position.offset <= NEAR:
                self._consumer.assign([TopicPartition(*place)])
            for message in self._messages():
                position = Place(place.topic, place.partition, message.offset() + 1)
                if message.error() or message.offset() >= place.offset:
                    break
            if not message.error() and message.offset() == place.offset:
                found[place] = message
            else:
                # The next one may be before what has been read.
                position = None
        return found

    def _ends(self, place: TopicPartition) -> tuple[int, int]:
        with asking(self._client, f"read topic {place.topic}"):
            low, high = self._consumer.get_watermark_offsets(place, timeout=PATIENCE)
        return low, high

    def _begins(self, topic: str, wanted: Range) -> list[TopicPartition]:
        with asking(self._client, f"read topic {topic}"):
            places = partitions_of(self._consumer, topic, timeout=PATIENCE)
            if wanted.since is None:
                return [TopicPartition(topic, place.partition, 0) for place in places]
            millis = int(wanted.since.timestamp() * 1000)
            asked = [TopicPartition(topic, place.partition, millis) for place in places]
            found: list[TopicPartition] = self._consumer.offsets_for_times(asked, timeout=PATIENCE)
        return found

    def _until(self, begins: list[TopicPartition], ends: dict[int, int]) -> Iterator[Message]:
        if not begins:
            return
        self._consumer.assign(begins)
        for message in self._messages():
            partition = message.partition()
            if message.error() is None and message.offset() < ends.get(partition, 0):
                yield message
            if message.error() is not None or message.offset() + 1 >= ends.get(partition, 0):
                ends.pop(partition, None)
            if not ends:
                return

    def _messages(self) -> Iterator[Message]:
        """Yield messages and the ends of partitions.

        Raises:
            AccessRefusedError: The user may not read the topic.
            BrokerAwayError: Nothing comes any more.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self._consumer.poll(1.0)
            if message is None:
                if time.monotonic() > deadline:
                    raise silent(self._client, PATIENCE)
                continue
            code = message.error() and message.error().code()
            if code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise access_error(self._client, message.error(), f"read topic {message.topic()}")
            if code in {None, KafkaError._PARTITION_EOF}:  # noqa: SLF001
                deadline = time.monotonic() + PATIENCE
                yield message
            elif message.error().fatal():
                raise KafkaException(message.error())
            # Any other error passes, or the time does.
