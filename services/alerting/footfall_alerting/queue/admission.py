"""Takes jobs in: each that is not known yet waits in its endpoint's line, or in the jobs topic."""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from footfall_alerting.job import Job
from footfall_alerting.queue.index import Index, row_of
from footfall_alerting.queue.lanes import Lanes
from footfall_alerting.queue.order import is_blocked
from footfall_alerting.queue.ports import Journal
from footfall_alerting.queue.shard import Shard
from footfall_alerting.queue.shards import Shards
from footfall_alerting.queue.store import Store
from footfall_alerting.queue.tickets import Batch, Ticket

PATIENCE = 0.5
"""Seconds after which a job that is not finished is made durable, so that its record holds up no commit."""


@dataclass(frozen=True)
class Admission:
    """Takes jobs in, and sees to it that none is taken twice."""

    shards: Shards
    lanes: Lanes
    store: Store
    journal: Journal
    index: Index
    queue_size: int
    """Tickets of each endpoint that may wait in memory."""
    clock: Callable[[], float]
    _unsettled: deque[Ticket] = field(default_factory=deque)
    """Tickets in the order they came, until each is settled."""

    async def submit(self, partition: int, jobs: Collection[Job]) -> None:
        """Take the jobs of one record; return when each is finished or durable, or the partition is another worker's."""
        shard = await self.shards.ready(partition)
        if shard is None:
            return
        batch = Batch()
        for job in jobs:
            self._admit(shard, job, batch)
        await batch.wait()

    async def resend(self, partition: int, job: Job) -> None:
        """Take a job that somebody asked for again at `job.not_before`; return as `submit` does."""
        shard = await self.shards.ready(partition)
        if shard is None:
            return
        done = shard.finished_at(job.webhook_id)
        if done is not None and done >= job.not_before:
            return
        ticket = shard.tickets.get(job.webhook_id)
        waiting = ticket.job if ticket else await self._waiting(job.webhook_id)
        # Meanwhile it may have come into hand.
        ticket = shard.tickets.get(job.webhook_id)
        batch = Batch()
        if ticket is not None and (ticket.under_way or _is_newer(ticket.job, job)):
            ticket.join(batch)
        elif not shard.closed and (waiting is None or not _is_newer(waiting, job)):
            self._take_over(shard, ticket, job, batch, known=waiting is not None)
        await batch.wait()

    def persist_overdue(self) -> None:
        """Make durable what is not finished soon after it came."""
        now = self.clock()
        while self._unsettled and (self._unsettled[0].settled or self._unsettled[0].arrived <= now - PATIENCE):
            ticket = self._unsettled.popleft()
            shard = self.shards.get(ticket.partition)
            if not (ticket.settled or ticket.gone or ticket.writes or shard is None):
                self.store.persist(shard, ticket)

    def _admit(self, shard: Shard, job: Job, batch: Batch) -> None:
        if ticket := shard.tickets.get(job.webhook_id):
            ticket.join(batch)
            return
        if shard.finished_at(job.webhook_id) is not None or self.index.has(job.webhook_id):
            return
        ticket = Ticket(job, shard.partition, self.clock())
        ticket.join(batch)
        self._place(shard, ticket)

    def _take_over(self, shard: Shard, ticket: Ticket | None, job: Job, batch: Batch, *, known: bool) -> None:
        if ticket is not None:
            lane = self.lanes.of(job.endpoint)
            lane.line.remove(lambda each: each is ticket)
            lane.forget(ticket)
            batches, ticket.batches, ticket.gone = ticket.batches, [], True
        else:
            batches = []
        taken = Ticket(job, shard.partition, self.clock(), batches, writes=int(known))
        taken.join(batch)
        if known:
            self.index.remove(job.webhook_id)
        self._place(shard, taken)
        if known:
            self.store.persist(shard, taken)

    def _place(self, shard: Shard, ticket: Ticket) -> None:
        now = self.clock()
        if not ticket.job.not_before:
            ticket.job = ticket.job.due(now)
        job = ticket.job
        lane = self.lanes.of(job.endpoint)
        shard.tickets[job.webhook_id] = ticket
        if is_blocked(lane, ticket, self.index):
            self.index.put(row_of(job, shard.partition, -1), loaded=True, behind=True)
            self.store.persist(shard, ticket)
            return
        if lane.ordered:
            lane.heads[job.key] = ticket
        crowded = len(lane.line) >= self.queue_size
        if crowded or lane.is_behind(now):
            self.store.persist(shard, ticket)
        else:
            self._unsettled.append(ticket)
        if not crowded:
            lane.line.add(ticket)
            lane.look()

    async def _waiting(self, webhook_id: str) -> Job | None:
        row = self.index.get(webhook_id)
        return (await self.journal.load([row])).get(webhook_id) if row else None


def _is_newer(known: Job, asked: Job) -> bool:
    # Read again: this run began after it was asked for, or is the one that was asked for.
    return known.begun >= asked.not_before or (known.trigger == asked.trigger and known.not_before >= asked.not_before)
