"""What becomes of a record: an event, and of that a job for each endpoint that wants it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from footfall_chassis.consumer import DeadLetters, Record
from footfall_schemas.codec import PoisonMessageError

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.errors import UnreadableEventError, UnreadableJobError
from footfall_alerting.events import Event, decode_event
from footfall_alerting.job import Job, decode_job, job_of
from footfall_alerting.payload import body_of


class Desk(Protocol):
    """Where jobs are handed in."""

    async def submit(self, partition: int, jobs: Collection[Job]) -> None:
        """Take the jobs of one record; return when each is finished or durable."""

    async def resend(self, partition: int, job: Job) -> None:
        """Take a job that somebody asked for again."""


@dataclass(frozen=True)
class Dispatcher:
    """Settles the records of every topic that alerting reads."""

    endpoints: Sequence[Endpoint]
    desk: Desk
    dead_letters: DeadLetters
    dashboard_url: str
    """Where people open the live page."""
    count_event: Callable[[], None]
    count_unreadable: Callable[[], None]

    async def settle_row(
        self,
        decode: Callable[[Record], Awaitable[Mapping[str, Any]]],
        event_of: Callable[[Mapping[str, Any]], Event],
        record: Record,
    ) -> None:
        """Settle a row of one of Footfall's streams; `decode` waits for the registry if it must."""
        try:
            row = await decode(record)
        except PoisonMessageError as error:
            await self._give_up(record, str(error))
            return
        await self._submit(record, event_of(row))

    async def settle_event(self, record: Record) -> None:
        """Settle an event of alerting's own."""
        try:
            event = decode_event(record.value)
        except UnreadableEventError as error:
            await self._give_up(record, str(error))
            return
        await self._submit(record, event)

    async def settle_resend(self, record: Record) -> None:
        """Settle a job that somebody asked for again."""
        try:
            job = decode_job(record.value)
        except UnreadableJobError as error:
            await self._give_up(record, str(error))
            return
        await self.desk.resend(record.partition, job)

    async def _submit(self, record: Record, event: Event) -> None:
        self.count_event()
        if jobs := jobs_of(event, self.endpoints, self.dashboard_url):
            await self.desk.submit(record.partition, jobs)

    async def _give_up(self, record: Record, error: str) -> None:
        await self.dead_letters.add(record, "decode", error)
        self.count_unreadable()


def jobs_of(event: Event, endpoints: Sequence[Endpoint], dashboard_url: str) -> list[Job]:
    """Return one job for each endpoint that wants this event."""
    wanting = [endpoint.id for endpoint in endpoints if endpoint.wants(event)]
    if not wanting:
        return []
    body = body_of(event, dashboard_url)
    return [job_of(event, endpoint, body) for endpoint in wanting]
