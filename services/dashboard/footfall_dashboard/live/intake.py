"""Takes messages of output topics into memory."""

import json
from collections.abc import Callable
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

import structlog
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import Json, topic

from footfall_dashboard.live.live import Live
from footfall_dashboard.live.rows import Stream
from footfall_dashboard.metrics import MESSAGES, UNREADABLE

log = structlog.get_logger(__name__)


class Message(Protocol):
    """A Kafka message as its client gives it."""

    def key(self) -> bytes | None:
        """Return its key."""

    def value(self) -> bytes | None:
        """Return its value; None deletes the row of its key."""

    def partition(self) -> int | None:
        """Return where it lies."""

    def offset(self) -> int | None:
        """Return where in there."""


class _Reader(NamedTuple):
    schema: Json
    values: Callable[[Json], tuple[Any, ...]]


class Intake:
    """Decodes messages and puts their rows into the store.

    Args:
        live: Whose store.
        look_up: Returns a writer's schema by its id.
    """

    def __init__(self, live: Live, look_up: Callable[[int], Json]) -> None:
        self._live = live
        self._look_up = look_up
        self._readers: dict[str, _Reader] = {}
        self._told: set[str] = set()

    def take(self, stream: Stream[Any], message: Message, read_at: datetime | None) -> None:
        """Take one message; one that cannot be read is counted, and told of once for each topic.

        Args:
            stream: Of its topic.
            message: The message.
            read_at: When it was read, if it was not there already at the start.

        Raises:
            RegistryUnavailableError: Its schema cannot be looked up now.
        """
        MESSAGES.inc()
        try:
            self._take(stream, message, read_at)
        except RegistryUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  no message may end the page
            UNREADABLE.inc()
            if stream.topic not in self._told:
                self._told.add(stream.topic)
                place = f"{stream.topic}/{message.partition()}@{message.offset()}"
                log.warning(
                    "message cannot be read; others of this topic are counted only", place=place, error=str(error)
                )

    def _take(self, stream: Stream[Any], message: Message, read_at: datetime | None) -> None:
        value = message.value()
        if value is None:
            key = _key(stream, message.key() or b"")
            with self._live.lock:
                self._live.store.of(stream).drop(key)
            return
        reader = self._readers.get(stream.topic) or self._prepared(stream)
        record = decode(value, self._look_up(schema_id_of(value)), reader.schema)
        row = stream.row(*reader.values(record))
        with self._live.lock:
            self._live.store.of(stream).put(row, read_at)

    def _prepared(self, stream: Stream[Any]) -> _Reader:
        names = stream.row._fields
        schema = topic(stream.topic).reader
        fields = [field for field in schema["fields"] if field["name"] in names]
        self._readers[stream.topic] = reader = _Reader(schema | {"fields": fields}, itemgetter(*names))
        return reader


def _key(stream: Stream[Any], key: bytes) -> tuple[Any, ...]:
    """Return the values of a message's key in the order of the stream's columns."""
    names = topic(stream.topic).key
    if stream.time is not None:
        raise PoisonMessageError("it deletes a row of a topic that is not compacted")
    if len(names) == 1:
        return (key.decode(),)
    document = json.loads(key)
    return tuple(document[name] for name in stream.key)
