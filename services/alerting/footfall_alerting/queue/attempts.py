"""Begins attempts when their turn has come, and does what their outcomes ask for."""

import asyncio
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial

import structlog

from footfall_alerting.job import Message
from footfall_alerting.policy import Complete, Dead, Outcome, Result, Retry, Schedule, next_step
from footfall_alerting.queue.index import Index
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.order import next_of
from footfall_alerting.queue.ports import MessageLog, Sender, Standing, Undertaker
from footfall_alerting.queue.refill import Refill
from footfall_alerting.queue.shard import Shard
from footfall_alerting.queue.shards import Shards
from footfall_alerting.queue.store import Store
from footfall_alerting.queue.tasks import tell_of
from footfall_alerting.queue.tickets import Ticket

BURIALS = 64
"""Jobs of one endpoint that are given up at once."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Attempts:
    """Attempts the jobs of all lanes."""

    shards: Shards
    store: Store
    refill: Refill
    index: Index
    schedule: Schedule
    standing: Standing
    messages: MessageLog
    undertaker: Undertaker
    clock: Callable[[], float]
    jitter: Callable[[], float]
    _running: dict[asyncio.Task[None], Ticket] = field(default_factory=dict)

    def serve(self, lane: Lane) -> None:
        """Begin what may begin in a lane, and look at it again when more may."""
        if not self.shards.attempting:
            return
        disabled = lane.sender is None or self.standing.is_disabled(lane.endpoint)
        while lane.line:
            now = self.clock()
            # What is given up needs no turn and no due time.
            opens = _burial_at(lane, now) if disabled else max(lane.line.first_due(), lane.gate.opens_at(now))
            if opens > now:
                if opens < math.inf:
                    lane.look_in(opens - now)
                return
            self._start(lane, lane.line.pop(), disabled=disabled)

    def running(self) -> Collection[asyncio.Task[None]]:
        """Return the attempts under way."""
        return list(self._running)

    def cancel(self, partition: int) -> None:
        """Break off the attempts at jobs of a partition."""
        for task, ticket in list(self._running.items()):
            if ticket.partition == partition:
                task.cancel()

    def _start(self, lane: Lane, ticket: Ticket, *, disabled: bool) -> None:
        ticket.under_way = True
        if disabled:
            lane.burials += 1
        else:
            lane.gate.begin(self.clock())
        task = asyncio.get_running_loop().create_task(self._attempt(lane, ticket, disabled=disabled))
        self._running[task] = ticket
        task.add_done_callback(partial(self._ended, lane, disabled))

    def _ended(self, lane: Lane, disabled: bool, task: asyncio.Task[None]) -> None:  # noqa: FBT001
        del self._running[task]
        lane.burials -= disabled
        lane.look()
        tell_of(task)

    async def _attempt(self, lane: Lane, ticket: Ticket, *, disabled: bool) -> None:
        began = self.clock()
        sender = None if disabled else lane.sender
        outcome = _refusal(lane) if sender is None else await self._deliver(lane, sender, ticket, began)
        lane.look()
        shard = await self.shards.known(ticket.partition)
        if ticket.gone or shard is None:
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
                await self.store.put_off(shard, lane, ticket)
            case Dead(reason):
                told.warning("webhook given up", reason=reason, detail=outcome.detail)
                lane.meter.gave_up(reason)
                await self.undertaker.bury(job, shard.partition, reason, outcome.detail)
                await self._finish(shard, lane, ticket, Message(job, "dead", now, reason))

    async def _finish(self, shard: Shard, lane: Lane, ticket: Ticket, message: Message) -> None:
        if shard.closed:
            return
        ticket.gone = True
        shard.tickets.pop(message.job.webhook_id, None)
        shard.remember([(message.job.webhook_id, message.updated)])
        self.messages.put(message, shard.partition)
        await self.store.cross_off(shard, ticket)
        self._follow(shard, lane, ticket)
        ticket.settle()

    def _follow(self, shard: Shard, lane: Lane, finished: Ticket) -> None:
        following = next_of(lane, finished, self.index, self.clock())
        if following is None:
            return
        in_hand = shard.tickets.get(following)
        if in_hand is None:
            self.refill.begin(lane)
        elif not in_hand.queued and not in_hand.under_way:
            lane.add(in_hand)
            lane.look()


def _burial_at(lane: Lane, now: float) -> float:
    return now if lane.burials < BURIALS else math.inf


def _refusal(lane: Lane) -> Outcome:
    if lane.sender is None:
        return Outcome(Result.NOT_CONFIGURED, detail=f"endpoint {lane.endpoint} is not configured any more")
    return Outcome(Result.DISABLED, detail=f"endpoint {lane.endpoint} is disabled")
