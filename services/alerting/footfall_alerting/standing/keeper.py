"""Keeps the standings true to their topic, and the topic to the standings."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from footfall_chassis.health import CheckResult
from footfall_chassis.records import Send

from footfall_alerting.errors import StandingsUnknownError
from footfall_alerting.events import Event
from footfall_alerting.standing.standings import Standings
from footfall_alerting.standing.state import Standing

BATCH = 500
WAIT = 0.25
"""Seconds one look for records takes at most."""
CALM = 1.0
"""Seconds between two looks at what may be written by now."""

log = structlog.get_logger(__name__)


class StandingKeeper:
    """Follows the whole topic in a thread of its own, in no group, and writes what this worker has found out.

    Args:
        standings: What it keeps.
        client: librdkafka settings of the connection.
        topic: Name of the topic of standings.
        group: A name that the client wants and the broker lets us use; nothing is committed under it.
        send: Appends a record durably.
        tell: Appends an event to the topic of alerting's own events durably.
    """

    def __init__(
        self,
        standings: Standings,
        client: Mapping[str, str],
        *,
        topic: str,
        group: str,
        send: Send,
        tell: Callable[[Event], Awaitable[None]],
    ) -> None:
        self._standings = standings
        self._client = dict(client)
        self._topic = topic
        self._group = group
        self._send = send
        self._tell = tell
        self._changed = asyncio.Event()
        self._ready = asyncio.Event()
        self._settling = asyncio.Lock()
        standings.wake = self._changed.set

    async def ready(self) -> None:
        """Return when the topic has been read to its end: before that nobody knows who is disabled."""
        await self._ready.wait()

    def status(self) -> CheckResult:
        """Tell whether the standings are known, and who gets nothing."""
        if not self._ready.is_set():
            return CheckResult(ok=False, detail=f"reading {self._topic}")
        return self._standings.status()

    async def run(self) -> None:
        """Follow and write until cancelled; `flush` before that writes what is still to be written."""
        stopping = threading.Event()
        following = asyncio.create_task(
            asyncio.to_thread(self._follow, asyncio.get_running_loop(), stopping), name="follow-standings"
        )
        writing = asyncio.create_task(self._write(), name="write-standings")
        try:
            done, _ = await asyncio.wait({following, writing}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            stopping.set()
            writing.cancel()
            await asyncio.gather(writing, following, return_exceptions=True)

    @property
    def endpoints(self) -> dict[str, Standing]:
        """The standing of every configured endpoint."""
        return self._standings.endpoints

    async def enable(self, endpoint: str) -> Standing:
        """Let an endpoint get webhooks again; return when that is durable.

        Raises:
            UnknownEndpointError: There is none of this id.
            StandingsUnknownError: The service has just started.
        """
        if not self._ready.is_set():
            raise StandingsUnknownError("the service reads how its endpoints stand; ask again in some seconds")
        enabled = self._standings.enable(endpoint)
        await self.flush()
        return enabled

    async def flush(self) -> None:
        """Send and write everything that is known; for the end, before the producer goes."""
        if self._ready.is_set():
            await self._settle(at_once=True)

    async def _write(self) -> None:
        await self._ready.wait()
        while True:
            self._changed.clear()
            await self._settle(at_once=False)
            # What may wait is looked at again in a moment.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), CALM if self._standings.has_more else None)

    async def _settle(self, *, at_once: bool) -> None:
        async with self._settling:
            # Whoever dies in between says the same again, under the same id.
            for event in self._standings.news():
                await self._tell(event)
                self._standings.sent(event)
            for endpoint, standing in self._standings.to_write(at_once=at_once).items():
                await self._send(self._topic, endpoint.encode(), standing.encode(), {})
                self._standings.written(endpoint, standing)

    def _follow(self, loop: asyncio.AbstractEventLoop, stopping: threading.Event) -> None:
        consumer = Consumer(
            self._client
            | {
                "group.id": self._group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 200,
                "queued.max.messages.kbytes": 1024,
            }
        )
        try:
            consumer.assign([TopicPartition(self._topic, 0, OFFSET_BEGINNING)])
            ended = False
            while not stopping.is_set():
                records = []
                for message in consumer.consume(BATCH, timeout=WAIT):
                    if message.error() is None:
                        records.append(((message.key() or b"").decode(errors="replace"), message.value()))
                    elif message.error().code() == KafkaError._PARTITION_EOF:  # noqa: SLF001
                        ended = True
                    else:
                        log.warning("standings are not read", reason=str(message.error()))
                if records or (ended and not self._ready.is_set()):
                    loop.call_soon_threadsafe(self._take, records, ended)
        finally:
            consumer.close()

    def _take(self, records: list[tuple[str, bytes | None]], ended: bool) -> None:  # noqa: FBT001
        for endpoint, value in records:
            if self._ready.is_set():
                self._standings.take(endpoint, value)
            else:
                self._standings.load(endpoint, value)
        if ended and not self._ready.is_set():
            self._standings.loaded()
            self._ready.set()
