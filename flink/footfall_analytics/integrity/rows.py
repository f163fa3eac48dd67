"""Reads the checked streams, and knows when it has read all that was there."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition
from footfall_health.ask.offsets import Place
from footfall_schemas.access_errors import access_error
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of
from footfall_schemas.topics import Json, topic

BATCH = 500
WAIT = 0.25
"""Seconds one look for messages takes at most."""
ANSWER = 10.0
"""Seconds that the broker may take for an answer."""

log = structlog.get_logger()


class Row(NamedTuple):
    """A message of a checked stream."""

    topic: str
    key: bytes
    value: Json | None
    """None: the row of the key is deleted."""


class Rows:
    """A consumer of committed rows without a group; must be closed.

    Args:
        client: librdkafka settings of the connection.
        prefix: Before the names of topics.
        since: By topic from which moment on its rows are read; None: from the first one that is there.
        look_up: Returns a writer's schema by its id.
        fields: By topic which fields are decoded; all of a topic that is not there.

    Raises:
        KafkaException: The broker does not answer.
    """

    def __init__(
        self,
        client: Mapping[str, str],
        prefix: str,
        since: Mapping[str, datetime | None],
        look_up: Callable[[int], Json],
        fields: Mapping[str, Collection[str]],
    ) -> None:
        self._client = dict(client)
        self._names = {prefix + name: name for name in since}
        self._look_up = look_up
        self._readers = {name: _reader(name, fields.get(name, ())) for name in since}
        self._reached: dict[Place, int] = {}
        self._told: set[str] = set()
        self._consumer = Consumer(
            self._client
            | {
                # No group is joined and nothing is committed; the client wants a name.
                "group.id": f"{prefix}footfall-integrity",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 200,
                "queued.max.messages.kbytes": 4096,
            }
        )
        try:
            self._consumer.assign(list(self._starts(since)))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()

    def read(self) -> Iterator[Row]:
        """Yield the rows that come within a moment; one that cannot be read is left out, and said once for each topic.

        Raises:
            AccessRefusedError: The topic may not be read.
            KafkaException: It is gone, or the broker is.
            RegistryUnavailableError: The registry does not answer.
        """
        for message in self._consumer.consume(BATCH, timeout=WAIT):
            place = (str(message.topic()), message.partition() or 0)
            if error := message.error():
                self._note(place, message, error)
                continue
            try:
                yield self._row(message)
            except PoisonMessageError as error:
                self._tell(message, error)
            self._reached[place] = (message.offset() or 0) + 1

    def has_reached(self, ends: Mapping[Place, int]) -> bool:
        """Tell whether everything before these offsets has been read."""
        return all(self._reached.get(place, -1) >= end for place, end in ends.items())

    def _note(self, place: Place, message: Message, error: KafkaError) -> None:
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
            self._reached[place] = message.offset() or 0
        elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise access_error(self._client, error, f"read topic {place[0]}")
        elif error.code() in {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.UNKNOWN_TOPIC_ID}:
            raise KafkaException(error)
        # Any other error passes or is met again.

    def _row(self, message: Message) -> Row:
        name, value = self._names[str(message.topic())], message.value()
        decoded = decode(value, self._look_up(schema_id_of(value)), self._readers[name]) if value is not None else None
        return Row(name, message.key() or b"", decoded)

    def _tell(self, message: Message, error: PoisonMessageError) -> None:
        name = str(message.topic())
        if name not in self._told:
            self._told.add(name)
            place = f"{name}/{message.partition()}@{message.offset()}"
            log.warning(
                "row cannot be read; others of this topic are left out silently", place=place, reason=str(error)
            )

    def _starts(self, since: Mapping[str, datetime | None]) -> Iterator[TopicPartition]:
        known = self._consumer.list_topics(timeout=ANSWER).topics
        for name, own in self._names.items():
            if name not in known or known[name].error:
                raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART, f"topic {name} does not exist"))
            moment = since[own]
            if moment is None:
                yield from (TopicPartition(name, each, OFFSET_BEGINNING) for each in known[name].partitions)
                continue
            asked = [TopicPartition(name, each, int(moment.timestamp() * 1000)) for each in known[name].partitions]
            for place in self._consumer.offsets_for_times(asked, timeout=ANSWER):
                if place.error:
                    raise KafkaException(place.error)
                # Below zero: nothing is as young.
                yield TopicPartition(name, place.partition, place.offset if place.offset >= 0 else OFFSET_END)


def _reader(name: str, fields: Collection[str]) -> Json:
    schema = topic(name).reader
    if not fields:
        return schema
    return schema | {"fields": [field for field in schema["fields"] if field["name"] in fields]}


def ago(span: timedelta) -> datetime:
    """Return the moment so long ago."""
    return datetime.now(UTC) - span
