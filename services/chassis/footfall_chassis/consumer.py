"""How agents consume: raw bytes in, every record settled before it counts as read.

Settled means dealt with for good: handled, handed on durably, or kept as a dead letter.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import structlog
from aiokafka.errors import MessageSizeTooLargeError

Schema = TypeVar("Schema")
Value = TypeVar("Value")

LOOKUP_PAUSE = 1.0
"""Seconds before a record is decoded again whose schema could not be looked up."""

log = structlog.get_logger(__name__)


class Send(Protocol):
    """Appends a record durably; returns when it is safe."""

    async def __call__(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        """Append one record."""


@dataclass(frozen=True)
class Record:
    """One Kafka record as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @property
    def position(self) -> str:
        """Where it lies, for logs."""
        return f"{self.topic}/{self.partition}@{self.offset}"


Settle: TypeAlias = Callable[[Record], Awaitable[None]]


async def settle_each(stream: Any, settle: Settle, *, window: int) -> None:
    """Settle every record of a Faust stream, at most `window` at once, acknowledging each when it is settled.

    A record that `settle` raises for is never acknowledged: the agent crashes and the record is read again.
    """
    slots = asyncio.Semaphore(window)

    async def one(event: Any) -> None:
        try:
            await settle(record_of(event))
            await stream.ack(event)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        async for event in stream.noack().events():
            await slots.acquire()
            group.create_task(one(event))


async def follow(stream: Any, settle: Settle) -> None:
    """Settle every record of a Faust stream in order and commit nothing: the next start reads all of them again.

    A rebalance, too, starts over, so `settle` must know records it has seen.
    """
    async for event in stream.noack().events():
        await settle(record_of(event))


def record_of(event: Any) -> Record:
    """Return the record behind a Faust event."""
    message = event.message
    return Record(message.topic, message.partition, message.offset, message.key, message.value)


@dataclass(frozen=True)
class DeadLetters:
    """Where records go that can never be handled."""

    send: Send
    topic: str

    async def bury(self, record: Record, stage: str, error: str) -> None:
        """Keep the record's bytes with the reason and where it came from."""
        headers = {
            "error": error.encode(),
            "stage": stage.encode(),
            "source-topic": record.topic.encode(),
            "source-partition": str(record.partition).encode(),
            "source-offset": str(record.offset).encode(),
        }
        log.warning("dead letter", position=record.position, stage=stage, error=error)
        try:
            await self.send(self.topic, record.key, record.value, headers)
        except MessageSizeTooLargeError:
            # The headers pushed it over the limit; the original stays where they say.
            await self.send(self.topic, record.key, None, headers | {"truncated": b"true"})


@dataclass(frozen=True)
class Decoder(Generic[Schema, Value]):
    """Decodes records whose schema must be looked up once and is cached for ever.

    Only the look-up leaves the event loop for a thread: going there for every record costs more than decoding it.
    """

    schema_id: Callable[[bytes | None], int]
    look_up: Callable[[int], Schema]
    """Fetches a schema; may block."""
    decode: Callable[[bytes, Schema], Value]
    transient: type[Exception]
    """What `look_up` raises when the same question may be answered later."""
    schemas: dict[int, Schema] = field(default_factory=dict)

    async def __call__(self, record: Record) -> Value:
        """Decode one record, however long the registry is away.

        Whatever else the three functions raise passes through: the record is poison, or there is a bug.
        """
        schema_id = self.schema_id(record.value)
        if schema_id not in self.schemas:
            self.schemas[schema_id] = await self._fetch(schema_id, record)
        return self.decode(record.value or b"", self.schemas[schema_id])

    async def _fetch(self, schema_id: int, record: Record) -> Schema:
        told = False
        while True:
            try:
                return await asyncio.to_thread(self.look_up, schema_id)
            except self.transient as error:
                if not told:
                    log.warning("waiting to decode", position=record.position, error=str(error))
                    told = True
            await asyncio.sleep(LOOKUP_PAUSE)
