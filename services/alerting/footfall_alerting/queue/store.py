"""Makes jobs durable, and lets those go from memory that are not due soon."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from footfall_alerting.job import Message
from footfall_alerting.queue.index import Index, row_of
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.lanes import Lanes
from footfall_alerting.queue.order import is_blocked
from footfall_alerting.queue.ports import Journal, MessageLog
from footfall_alerting.queue.shard import Shard
from footfall_alerting.queue.tasks import Tasks
from footfall_alerting.queue.tickets import Ticket

HORIZON = 10.0
"""Seconds before they are due from which jobs are kept in memory."""


@dataclass(frozen=True)
class Store:
    """Writes jobs to the jobs topic, and notes in the index where they lie."""

    journal: Journal
    index: Index
    messages: MessageLog
    lanes: Lanes
    chores: Tasks
    """Where what nobody waits for is written."""
    queue_size: int
    """Tickets of each endpoint that may wait in memory."""
    clock: Callable[[], float]

    def persist(self, shard: Shard, ticket: Ticket) -> None:
        """Make a job durable; what does not wait in memory is let go then."""
        self.chores.begin(self._keep(shard, ticket, self._write(shard, ticket)))

    async def put_off(self, shard: Shard, lane: Lane, ticket: Ticket) -> None:
        """Make a job durable that is due later; return when it is."""
        await self._write(shard, ticket)
        if ticket.gone or shard.closed:
            return
        if ticket.job.not_before - self.clock() <= HORIZON and len(lane.line) < self.queue_size:
            lane.line.add(ticket)
            lane.look()
        else:
            self._let_go(shard, lane, ticket)

    async def cross_off(self, shard: Shard, ticket: Ticket) -> None:
        """Note that a job is finished; return when that is durable."""
        if ticket.writes:
            self.index.remove(ticket.job.webhook_id)
            await self.journal.erase(shard.partition, ticket.job.webhook_id)

    async def _keep(self, shard: Shard, ticket: Ticket, written: Coroutine[Any, Any, None]) -> None:
        job = ticket.job
        await written
        if ticket.gone or shard.closed or ticket.queued or ticket.under_way or ticket.job is not job:
            return
        lane = self.lanes.of(job.endpoint)
        behind = is_blocked(lane, ticket, self.index)
        if lane.ordered and not behind and len(lane.line) < self.queue_size:
            # What it waited for was finished meanwhile.
            lane.add(ticket)
            lane.look()
            return
        self._let_go(shard, lane, ticket)

    def _write(self, shard: Shard, ticket: Ticket) -> Coroutine[Any, Any, None]:
        # Given to the client at once: states of one job are appended in the order in which they came about.
        ticket.writes += 1
        if not ticket.job.attempts and ticket.writes == 1:
            self.messages.put(Message(ticket.job, "waiting", self.clock()), shard.partition)
        job, appended = ticket.job, self.journal.write(shard.partition, ticket.job)

        async def durable() -> None:
            offset = await appended
            if ticket.gone or shard.closed:
                return
            ticket.offset = offset
            behind = not ticket.under_way and is_blocked(self.lanes.of(job.endpoint), ticket, self.index)
            self.index.put(row_of(job, shard.partition, offset), loaded=True, behind=behind)
            ticket.settle()

        return durable()

    def _let_go(self, shard: Shard, lane: Lane, ticket: Ticket) -> None:
        lane.forget(ticket)
        shard.tickets.pop(ticket.job.webhook_id, None)
        ticket.gone = True
        self.index.unload(ticket.job.webhook_id)
