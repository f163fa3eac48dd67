"""How agents consume: raw bytes in, every record settled before it counts as read.

Settled means dealt with for good: handled, handed on durably, or kept as a dead letter.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog

from footfall_chassis.breaker import Breaker, Settle
from footfall_chassis.metrics import gauge
from footfall_chassis.records import DeadLetters, Record, Send

Schema = TypeVar("Schema")
Value = TypeVar("Value")

LOOKUP_PAUSE = 1.0
"""Seconds before a record is decoded again whose schema could not be looked up."""

AWAITED = gauge(
    "footfall_awaited_schema_since_seconds",
    "Ids that the registry does not answer for, each with the epoch second since when; records wait for them.",
    ("schema_id",),
)

__all__ = ["DeadLetters", "Decoder", "Record", "Send", "Settle", "follow", "record_of", "settle_each"]

log = structlog.get_logger(__name__)


async def settle_each(stream: Any, settle: Settle, breaker: Breaker, *, max_in_flight: int) -> None:
    """Settle every record of a Faust stream, at most `max_in_flight` at once, acknowledging each when it is settled.

    Records of a paused partition are let go: they do not count as in flight and are never acknowledged.
    """
    slots = asyncio.Semaphore(max_in_flight)

    async def one(event: Any) -> None:
        try:
            if await breaker.settle(record_of(event), settle):
                await stream.ack(event)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        async for event in stream.noack().events():
            if breaker.is_open(record_of(event)):
                continue
            await slots.acquire()
            group.create_task(one(event))


async def follow(stream: Any, settle: Settle, breaker: Breaker, settled: Callable[[Record], None]) -> None:
    """Settle every record of a Faust stream in order and commit nothing: the next start reads all of them again.

    A rebalance, too, starts over, so `settle` must know records it has seen. `settled` is told of each that is settled.
    """
    async for event in stream.noack().events():
        record = record_of(event)
        if await breaker.settle(record, settle):
            settled(record)


def record_of(event: Any) -> Record:
    """Return the record behind a Faust event."""
    message = event.message
    return Record(message.topic, message.partition, message.offset, message.key, message.value, message.generation_id)


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
    waiting: Counter[int] = field(default_factory=Counter)
    """Records that wait for a schema, by its id."""

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
        try:
            while True:
                try:
                    return await asyncio.to_thread(self.look_up, schema_id)
                except self.transient as error:
                    if not told:
                        log.warning("waiting to decode", position=record.position, error=str(error))
                        self._wait_begins(schema_id)
                        told = True
                await asyncio.sleep(LOOKUP_PAUSE)
        finally:
            if told:
                self._wait_ends(schema_id)

    def _wait_begins(self, schema_id: int) -> None:
        if not self.waiting[schema_id]:
            AWAITED.labels(str(schema_id)).set_to_current_time()
        self.waiting[schema_id] += 1

    def _wait_ends(self, schema_id: int) -> None:
        self.waiting[schema_id] -= 1
        if not self.waiting[schema_id]:
            del self.waiting[schema_id]
            AWAITED.remove(str(schema_id))
