"""The desk where jobs are handed in, and from which each is attempted until it is delivered or dead."""

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog

from footfall_alerting.job import Job, Message
from footfall_alerting.policy import Complete, Dead, Outcome, Result, Retry, Schedule, next_step
from footfall_alerting.queue.gate import Gate
from footfall_alerting.queue.index import Index, Row, row_of
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.order import is_blocked, next_of
from footfall_alerting.queue.ports import Journal, MessageLog, Meter, Sender, Standing, Undertaker
from footfall_alerting.queue.receiver import Backlog, Receiver
from footfall_alerting.queue.recovery import recover
from footfall_alerting.queue.shard import Shard
from footfall_alerting.queue.tasks import Tasks, tell_of
from footfall_alerting.queue.tickets import Batch, Ticket

PATIENCE = 0.5
"""Seconds after which a job that is not finished is made durable, so that its record holds up no commit."""
TICK = 0.1
"""Seconds between two looks at what waits."""
HORIZON = 10.0
"""Seconds before they are due from which jobs are kept in memory."""
GRACE = 2.0
"""Seconds in which attempts under way may finish before a rebalance or the end."""
LOAD = 500
"""Jobs that are read back at once."""
BURIALS = 64
"""Jobs of one endpoint that are given up at once."""
PAUSE = 1.0
"""Seconds before a partition is read again that could not be."""

log = structlog.get_logger(__name__)


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
    _shards: dict[int, Shard] = field(default_factory=dict)
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _unsettled: deque[Ticket] = field(default_factory=deque)
    """Tickets in the order they came, until each is settled."""
    _attempts: dict[asyncio.Task[None], Ticket] = field(default_factory=dict)
    _chores: Tasks = field(default_factory=Tasks)
    _recoveries: Tasks = field(default_factory=Tasks)
    _starts: bool = False
    """Whether attempts may begin."""
    _thawed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while it is known which partitions are this worker's."""

    def __post_init__(self) -> None:
        for endpoint in self.receivers:
            self._lane(endpoint)

    # -- jobs come in

    async def submit(self, partition: int, jobs: Collection[Job]) -> None:
        """Take the jobs of one record; return when each is finished or durable, or the partition is another worker's.

        Jobs that wait, are in hand or were finished are known by their webhook ids and not done again.
        """
        shard = await self._shard(partition)
        if shard is None:
            return
        batch = Batch()
        for job in jobs:
            self._admit(shard, job, batch)
        await batch.wait()

    async def resend(self, partition: int, job: Job) -> None:
        """Take a job that somebody asked for again at `job.not_before`; it may be finished already, or wait."""
        shard = await self._shard(partition)
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
            self._lane(job.endpoint).line.remove(lambda each: each is ticket)
            self._lane(job.endpoint).forget(ticket)
            batches, ticket.batches, ticket.gone = ticket.batches, [], True
        else:
            batches = []
        taken = Ticket(job, shard.partition, self.clock(), batches, writes=int(known))
        taken.join(batch)
        if known:
            self.index.remove(job.webhook_id)
        self._place(shard, taken)
        if known:
            self._persist(shard, taken)

    def _place(self, shard: Shard, ticket: Ticket) -> None:
        now = self.clock()
        if not ticket.job.not_before:
            ticket.job = ticket.job.due(now)
        job = ticket.job
        lane = self._lane(job.endpoint)
        shard.tickets[job.webhook_id] = ticket
        if is_blocked(lane, ticket, self.index):
            self.index.put(row_of(job, shard.partition, -1), loaded=True, behind=True)
            self._persist(shard, ticket)
            return
        if lane.ordered:
            lane.heads[job.key] = ticket
        crowded = len(lane.line) >= self.queue_size
        if crowded or lane.is_behind(now):
            self._persist(shard, ticket)
        else:
            self._unsettled.append(ticket)
        if not crowded:
            lane.line.add(ticket)
            self._look(lane)

    async def _waiting(self, webhook_id: str) -> Job | None:
        row = self.index.get(webhook_id)
        return (await self.journal.load([row])).get(webhook_id) if row else None

    # -- attempts

    def _lane(self, endpoint: str) -> Lane:
        if endpoint not in self._lanes:
            receiver = self.receivers.get(endpoint)
            slots, rate = (receiver.slots, receiver.rate) if receiver else (BURIALS, None)
            self._lanes[endpoint] = Lane(
                endpoint,
                receiver.sender if receiver else None,
                Gate(slots, rate, self.schedule.lasts),
                self.meters(endpoint),
                ordered=receiver is not None and receiver.ordered,
            )
        return self._lanes[endpoint]

    def _look(self, lane: Lane) -> None:
        if not lane.scheduled:
            lane.scheduled = True
            asyncio.get_running_loop().call_soon(self._pump, lane)

    def _pump(self, lane: Lane) -> None:
        lane.scheduled = False
        if lane.timer is not None:
            lane.timer.cancel()
            lane.timer = None
        if not self._starts:
            return
        disabled = lane.sender is None or self.standing.is_disabled(lane.endpoint)
        while lane.line:
            now = self.clock()
            # What is given up needs no turn and no due time.
            opens = self._burial_at(lane, now) if disabled else max(lane.line.first_due(), lane.gate.opens_at(now))
            if opens > now:
                if opens < math.inf:
                    lane.timer = asyncio.get_running_loop().call_later(opens - now, self._look, lane)
                return
            self._start(lane, lane.line.pop(), disabled=disabled)

    @staticmethod
    def _burial_at(lane: Lane, now: float) -> float:
        return now if lane.burials < BURIALS else math.inf

    def _start(self, lane: Lane, ticket: Ticket, *, disabled: bool) -> None:
        ticket.under_way = True
        if disabled:
            lane.burials += 1
        else:
            lane.gate.begin(self.clock())
        task = asyncio.get_running_loop().create_task(self._attempt(lane, ticket, disabled=disabled))
        self._attempts[task] = ticket
        task.add_done_callback(partial(self._ended, lane, disabled))

    def _ended(self, lane: Lane, disabled: bool, task: asyncio.Task[None]) -> None:  # noqa: FBT001
        del self._attempts[task]
        lane.burials -= disabled
        self._look(lane)
        tell_of(task)

    async def _attempt(self, lane: Lane, ticket: Ticket, *, disabled: bool) -> None:
        began = self.clock()
        sender = None if disabled else lane.sender
        outcome = _refusal(lane) if sender is None else await self._deliver(lane, sender, ticket, began)
        self._look(lane)
        # Between the loss of all partitions and the next assignment nobody knows whose job it is.
        await self._thawed.wait()
        shard = self._shards.get(ticket.partition)
        if ticket.gone or shard is None or shard.closed:
            return
        await self._conclude(shard, lane, ticket, outcome, began)

    async def _deliver(self, lane: Lane, sender: Sender, ticket: Ticket, began: float) -> Outcome:
        outcome: Outcome | None = None
        try:
            outcome = await sender.attempt(ticket.job)
        finally:
            lane.gate.end(outcome, began, self.clock())
        return outcome

    async def _conclude(self, shard: Shard, lane: Lane, ticket: Ticket, outcome: Outcome, began: float) -> None:
        now, job = self.clock(), ticket.job
        if outcome.result not in {Result.DISABLED, Result.NOT_CONFIGURED}:
            lane.meter.began(began - max(job.not_before, ticket.arrived))
            lane.meter.attempted(outcome)
            self.standing.observe(lane.endpoint, outcome, job)
            job = job.tried(began, outcome)
        told = log.bind(webhook_id=job.webhook_id, endpoint=job.endpoint, attempt=job.attempted)
        step = next_step(
            outcome, self.schedule, failures=max(1, job.attempted), begun=job.begun, now=now, jitter=self.jitter()
        )
        match step:
            case Complete():
                lane.meter.delivered(now - job.event_time)
                told.debug("webhook delivered")
                await self._finish(shard, lane, ticket, Message(job, "delivered", now))
            case Retry(due):
                told.info("webhook will be sent again", reason=outcome.detail, seconds=round(due - now, 1))
                lane.meter.retried()
                ticket.job = job.due(due)
                self.messages.put(Message(ticket.job, "waiting", now), shard.partition)
                ticket.under_way = False
                await self._put_off(shard, lane, ticket)
            case Dead(reason):
                told.warning("webhook given up", reason=reason, detail=outcome.detail)
                lane.meter.gave_up(reason)
                await self.undertaker.bury(job, shard.partition, reason, outcome.detail)
                await self._finish(shard, lane, ticket, Message(job, "dead", now, reason))

    async def _finish(self, shard: Shard, lane: Lane, ticket: Ticket, message: Message) -> None:
        job = message.job
        if shard.closed:
            return
        ticket.gone = True
        shard.tickets.pop(job.webhook_id, None)
        shard.remember([(job.webhook_id, message.updated)])
        self.messages.put(message, shard.partition)
        if ticket.writes:
            self.index.remove(job.webhook_id)
            await self.journal.erase(shard.partition, job.webhook_id)
        self._follow(shard, lane, ticket)
        ticket.settle()

    def _follow(self, shard: Shard, lane: Lane, finished: Ticket) -> None:
        following = next_of(lane, finished, self.index, self.clock())
        if following is None:
            return
        in_hand = shard.tickets.get(following)
        if in_hand is None:
            self._refill(lane)
        elif not in_hand.queued and not in_hand.under_way:
            lane.heads[finished.job.key] = in_hand
            lane.line.add(in_hand)
            self._look(lane)

    async def _put_off(self, shard: Shard, lane: Lane, ticket: Ticket) -> None:
        await self._write(shard, ticket)
        if ticket.gone or shard.closed:
            return
        if ticket.job.not_before - self.clock() <= HORIZON and len(lane.line) < self.queue_size:
            lane.line.add(ticket)
            self._look(lane)
        else:
            self._let_go(shard, lane, ticket)

    # -- durability

    def _persist(self, shard: Shard, ticket: Ticket) -> None:
        self._chores.begin(self._keep(shard, ticket, self._write(shard, ticket)))

    async def _keep(self, shard: Shard, ticket: Ticket, written: Coroutine[Any, Any, None]) -> None:
        job = ticket.job
        await written
        if ticket.gone or shard.closed or ticket.queued or ticket.under_way or ticket.job is not job:
            return
        lane = self._lane(job.endpoint)
        behind = is_blocked(lane, ticket, self.index)
        if lane.ordered and not behind and len(lane.line) < self.queue_size:
            # What it waited for was finished meanwhile.
            lane.heads[job.key] = ticket
            lane.line.add(ticket)
            self._look(lane)
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
            lane = self._lane(job.endpoint)
            behind = not ticket.under_way and is_blocked(lane, ticket, self.index)
            self.index.put(row_of(job, shard.partition, offset), loaded=True, behind=behind)
            ticket.settle()

        return durable()

    def _let_go(self, shard: Shard, lane: Lane, ticket: Ticket) -> None:
        lane.forget(ticket)
        shard.tickets.pop(ticket.job.webhook_id, None)
        ticket.gone = True
        self.index.unload(ticket.job.webhook_id)

    # -- what comes back

    async def run(self) -> None:
        """Make durable what is not finished soon, and read back what is due, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            self.tick()

    def tick(self) -> None:
        """Look at what waits."""
        if not self._starts:
            return
        now = self.clock()
        while self._unsettled and (self._unsettled[0].settled or self._unsettled[0].arrived <= now - PATIENCE):
            ticket = self._unsettled.popleft()
            shard = self._shards.get(ticket.partition)
            if not (ticket.settled or ticket.gone or ticket.writes or shard is None or shard.closed):
                self._persist(shard, ticket)
        for endpoint in list(self._lanes):
            lane = self._lanes[endpoint]
            self._refill(lane)
            if lane.line and lane.timer is None:
                self._look(lane)

    def _refill(self, lane: Lane) -> None:
        room = min(LOAD, self.queue_size - len(lane.line))
        if lane.refilling or not self._starts or len(lane.line) > self.queue_size // 2:
            return
        until = self.clock() + HORIZON
        if lane.sender is None or self.standing.is_disabled(lane.endpoint):
            until = math.inf
        if self.index.next_due(lane.endpoint) <= until:
            lane.refilling = True
            self._chores.begin(self._load(lane, self.index.load(lane.endpoint, until, room)))

    async def _load(self, lane: Lane, rows: list[Row]) -> None:
        try:
            jobs = await self.journal.load(rows)
            for row in rows:
                shard = self._shards.get(row.partition)
                if shard is None or shard.closed or row.id in shard.tickets or not self.index.has(row.id):
                    continue
                if row.id not in jobs:
                    log.error("a waiting job is not where it was written", webhook_id=row.id, offset=row.offset)
                    self.index.remove(row.id)
                    continue
                # Where it waited for an earlier one of its key it is due since that was finished.
                job = replace(jobs[row.id], not_before=row.due)
                ticket = Ticket(job, row.partition, self.clock(), writes=1, offset=row.offset, settled=True)
                shard.tickets[row.id] = ticket
                if lane.ordered:
                    lane.heads[job.key] = ticket
                lane.line.add(ticket)
            self._look(lane)
        except Exception as error:  # noqa: BLE001  the client raises many kinds while a broker is away
            log.warning("waiting jobs were not read back", endpoint=lane.endpoint, error=repr(error))
            await asyncio.sleep(PAUSE)
            for row in rows:
                self.index.unload(row.id)
        finally:
            lane.refilling = False

    # -- partitions come and go

    async def leaving(self) -> None:
        """Begin no attempt and let those under way finish, for all partitions may become others'.

        Until `assigned` nothing is written any more.
        """
        self._starts = False
        if pending := {*self._attempts, *self._chores}:
            await asyncio.wait(pending, timeout=GRACE)
        self._thawed.clear()

    def assigned(self, partitions: Collection[int]) -> None:
        """Go on with these partitions: with those that were this worker's as if nothing had been.

        The records of lost ones are let go as if they were settled; acknowledging them must change nothing any more.
        """
        for shard in [each for number, each in self._shards.items() if number not in partitions]:
            self._close(shard)
        for number in partitions:
            if number not in self._shards:
                self._shards[number] = shard = Shard(number)
                self._recoveries.begin(self._recover(shard))
        self._starts = True
        self._thawed.set()
        for lane in self._lanes.values():
            self._look(lane)

    def _close(self, shard: Shard) -> None:
        del self._shards[shard.partition]
        shard.closed = True
        shard.ready.set()
        for ticket in shard.tickets.values():
            ticket.gone = True
            ticket.settle()
        shard.tickets.clear()
        for task, ticket in list(self._attempts.items()):
            if ticket.partition == shard.partition:
                task.cancel()
        for lane in self._lanes.values():
            lane.line.remove(lambda ticket: ticket.gone)
            lane.heads = {key: ticket for key, ticket in lane.heads.items() if not ticket.gone}
        self.index.drop(shard.partition)

    async def _shard(self, partition: int) -> Shard | None:
        await self._thawed.wait()
        shard = self._shards.get(partition)
        if shard is not None and not shard.ready.is_set():
            await shard.ready.wait()
        return None if shard is None or shard.closed else shard

    async def _recover(self, shard: Shard) -> None:
        ordered = [lane.endpoint for lane in self._lanes.values() if lane.ordered]
        await recover(shard, self.journal, self.index, ordered, PAUSE)
        if shard.closed:
            return
        for endpoint in self.index.endpoints():
            self._lane(endpoint)
        shard.ready.set()
        self.tick()

    async def stop(self) -> None:
        """Begin no attempt; those under way may finish."""
        self._starts = False
        if pending := {*self._attempts, *self._chores}:
            await asyncio.wait(pending, timeout=GRACE)
        for task in [*self._attempts, *self._chores, *self._recoveries]:
            task.cancel()

    # -- what is asked from outside

    def backlog(self, endpoint: str) -> Backlog:
        """Return what waits for an endpoint here."""
        lane = self._lanes.get(endpoint)
        fresh = [ticket for ticket in lane.line if not ticket.writes] if lane else []
        oldest = min((ticket.job.not_before for ticket in fresh), default=math.inf)
        return Backlog(len(fresh) + self.index.count(endpoint), min(oldest, self.index.first_due(endpoint)))

    def recovering(self) -> list[int]:
        """Return the partitions whose waiting jobs are not known yet."""
        return sorted(number for number, shard in self._shards.items() if not shard.ready.is_set())


def _refusal(lane: Lane) -> Outcome:
    if lane.sender is None:
        return Outcome(Result.NOT_CONFIGURED, detail=f"endpoint {lane.endpoint} is not configured any more")
    return Outcome(Result.DISABLED, detail=f"endpoint {lane.endpoint} is disabled")


def _is_newer(known: Job, asked: Job) -> bool:
    # Read again: this run began after it was asked for, or is the one that was asked for.
    return known.begun >= asked.not_before or (known.trigger == asked.trigger and known.not_before >= asked.not_before)
