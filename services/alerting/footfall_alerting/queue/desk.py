"""The desk where jobs are handed in, and from which each is attempted until it is delivered or dead."""

import asyncio
import math
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from footfall_alerting.job import Job
from footfall_alerting.policy import Schedule
from footfall_alerting.queue.admission import Admission
from footfall_alerting.queue.attempts import Attempts
from footfall_alerting.queue.index import Index
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.lanes import Lanes
from footfall_alerting.queue.ports import Journal, MessageLog, Meter, Standing, Undertaker
from footfall_alerting.queue.receiver import Backlog, Receiver
from footfall_alerting.queue.recovery import recover
from footfall_alerting.queue.refill import Refill
from footfall_alerting.queue.shard import Shard
from footfall_alerting.queue.shards import Shards
from footfall_alerting.queue.store import Store
from footfall_alerting.queue.tasks import Tasks

TICK = 0.1
"""Seconds between two looks at what waits."""
GRACE = 2.0
"""Seconds in which attempts under way may finish before a rebalance or the end."""
PAUSE = 1.0
"""Seconds before a partition is read again that could not be."""


@dataclass
class Desk:
    """Attempts jobs. Everything runs in one event loop."""

    receivers: Mapping[str, Receiver]
    """By endpoint id."""
    schedule: Schedule
    journal: Journal
    standing: Standing
    messages: MessageLog
    meters: Callable[[str], Meter]
    """By endpoint id, configured or not."""
    undertaker: Undertaker
    queue_size: int
    """Tickets of each endpoint that may wait in memory."""
    index: Index = field(default_factory=Index)
    clock: Callable[[], float] = time.time
    jitter: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        self._recoveries, self._chores = Tasks(), Tasks()
        self._shards = Shards()
        self._lanes = Lanes(self.receivers, self.schedule.lasts, self.meters, self._serve)
        self._store = Store(
            self.journal, self.index, self.messages, self._lanes, self._chores, self.queue_size, self.clock
        )
        self._refill = Refill(
            self._shards, self.journal, self.index, self.standing, self._chores, self.queue_size, self.clock
        )
        self._attempts = Attempts(
            self._shards,
            self._store,
            self._refill,
            self.index,
            self.schedule,
            self.standing,
            self.messages,
            self.undertaker,
            self.clock,
            self.jitter,
        )
        self._admission = Admission(
            self._shards, self._lanes, self._store, self.journal, self.index, self.queue_size, self.clock
        )

    async def submit(self, partition: int, jobs: Collection[Job]) -> None:
        """Take the jobs of one record; return when each is finished or durable, or the partition is another worker's.

        Jobs that wait, are in hand or were finished are known by their webhook ids and not done again.
        """
        await self._admission.submit(partition, jobs)

    async def resend(self, partition: int, job: Job) -> None:
        """Take a job that somebody asked for again at `job.not_before`; it may be finished already, or wait."""
        await self._admission.resend(partition, job)

    async def run(self) -> None:
        """Make durable what is not finished soon, and read back what is due, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            self.tick()

    def tick(self) -> None:
        """Look at what waits."""
        if not self._shards.attempting:
            return
        self._admission.persist_overdue()
        for lane in self._lanes:
            self._refill.begin(lane)
            if lane.line and not lane.is_timed:
                lane.look()

    async def leaving(self) -> None:
        """Begin no attempt and let those under way finish, for all partitions may become others'.

        Until `assigned` nothing is written any more.
        """
        await self._finish()
        self._shards.freeze()

    def assigned(self, partitions: Collection[int]) -> None:
        """Go on with these partitions: with those that were this worker's as if nothing had been.

        The records of lost ones are let go as if they were settled; acknowledging them must change nothing any more.
        """
        for shard in self._shards:
            if shard.partition not in partitions:
                self._close(shard)
        for number in partitions:
            if self._shards.get(number) is None:
                self._recoveries.begin(self._recover(self._shards.open(number)))
        self._shards.thaw()
        for lane in self._lanes:
            lane.look()

    async def stop(self) -> None:
        """Begin no attempt; those under way may finish."""
        await self._finish()
        for task in [*self._attempts.running(), *self._chores, *self._recoveries]:
            task.cancel()

    def backlog(self, endpoint: str) -> Backlog:
        """Return what waits for an endpoint here."""
        lane = self._lanes.find(endpoint)
        fresh = [ticket for ticket in lane.line if not ticket.writes] if lane else []
        oldest = min((ticket.job.not_before for ticket in fresh), default=math.inf)
        return Backlog(len(fresh) + self.index.count(endpoint), min(oldest, self.index.first_due(endpoint)))

    def recovering(self) -> list[int]:
        """Return the partitions whose waiting jobs are not known yet."""
        return sorted(shard.partition for shard in self._shards if not shard.ready.is_set())

    def _serve(self, lane: Lane) -> None:
        self._attempts.serve(lane)

    async def _finish(self) -> None:
        self._shards.attempting = False
        if pending := {*self._attempts.running(), *self._chores}:
            await asyncio.wait(pending, timeout=GRACE)

    def _close(self, shard: Shard) -> None:
        self._shards.close(shard)
        self._attempts.cancel(shard.partition)
        for lane in self._lanes:
            lane.leave_gone()
        self.index.drop(shard.partition)

    async def _recover(self, shard: Shard) -> None:
        ordered = [lane.endpoint for lane in self._lanes if lane.ordered]
        await recover(shard, self.journal, self.index, ordered, PAUSE)
        if shard.closed:
            return
        for endpoint in self.index.endpoints():
            self._lanes.of(endpoint)
        shard.ready.set()
        self.tick()
