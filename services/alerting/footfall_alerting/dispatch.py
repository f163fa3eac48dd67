"""What becomes of an alert: a job for each endpoint, each delivered, parked in a retry topic or buried."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import structlog
from footfall_chassis.consumer import DeadLetters, Record, Send
from footfall_schemas.codec import PoisonMessageError

from footfall_alerting.delivery import Courier
from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.jobs import Job, decode_job
from footfall_alerting.metrics import ALERTS, ATTEMPTS, DEAD_LETTERS, DELIVERY_SECONDS, DISABLED, PARKED
from footfall_alerting.policy import JITTER, Bury, Done, Outcome, Park, Verdict, next_step
from footfall_alerting.topics import retry_topic
from footfall_alerting.webhook import jobs_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Dispatcher:
    """Settles the records of inventory-alerts and of the retry topics."""

    couriers: Mapping[str, Courier]
    """By endpoint id."""
    delays: Sequence[timedelta]
    decode: Callable[[Record], Awaitable[dict[str, Any]]]
    """Decodes an alert, waiting for the registry if it must."""
    send: Send
    dead_letters: DeadLetters
    topic_prefix: str = ""
    clock: Callable[[], float] = time.time
    luck: Callable[[], float] = field(default=random.random)

    async def settle_alert(self, record: Record) -> None:
        """Send an alert to every endpoint that wants it; return when each is delivered, parked or buried."""
        try:
            alert = await self.decode(record)
        except PoisonMessageError as error:
            await self._bury(record, "decode", str(error))
            return
        ALERTS.inc()
        endpoints = [courier.endpoint for courier in self.couriers.values()]
        async with asyncio.TaskGroup() as group:
            for job in jobs_of(alert, endpoints):
                group.create_task(self._deliver(record, job))

    async def settle_retry(self, record: Record) -> None:
        """Wait until a parked job is due, then try again."""
        try:
            job = decode_job(record.value)
        except UnreadableJobError as error:
            await self._bury(record, "decode", str(error))
            return
        # Not for ever, whatever the record says or the clock does.
        await asyncio.sleep(min(job.not_before - self.clock(), self._longest()))
        await self._deliver(record, job)

    async def _deliver(self, record: Record, job: Job) -> None:
        outcome = await self._attempt(job)
        ATTEMPTS.add(outcome.verdict)
        told = log.bind(webhook_id=job.webhook_id, endpoint=job.endpoint, attempt=job.attempts + 1)
        match next_step(outcome, job.attempts, [delay.total_seconds() for delay in self.delays], self.luck()):
            case Done():
                DELIVERY_SECONDS.observe(max(0.0, self.clock() - job.event_time))
                told.info("webhook delivered")
            case Park(tier, delay, attempted):
                note = job.failed if attempted else job.postponed
                parked = note(outcome.detail, self.clock() + delay)
                await self.send(
                    self.topic_prefix + retry_topic(self.delays[tier]), job.key.encode(), parked.encode(), {}
                )
                PARKED.inc()
                told.info("webhook parked", reason=outcome.detail, seconds=round(delay, 1))
            case Bury():
                buried = job.failed(outcome.detail, 0)
                await self._bury(
                    replace(record, key=job.key.encode(), value=buried.encode()), "deliver", outcome.detail
                )

    def _longest(self) -> float:
        return (1 + JITTER) * max((delay.total_seconds() for delay in self.delays), default=0.0)

    async def _attempt(self, job: Job) -> Outcome:
        courier = self.couriers.get(job.endpoint)
        if courier is None:
            return Outcome(Verdict.REFUSED, f"endpoint {job.endpoint} is not configured any more")
        was_disabled = courier.disabled
        outcome = await courier.attempt(job)
        if courier.disabled and not was_disabled:
            DISABLED.labels(job.endpoint).set(1)
            log.error("endpoint disabled", endpoint=job.endpoint, reason=outcome.detail)
        return outcome

    async def _bury(self, record: Record, stage: str, error: str) -> None:
        await self.dead_letters.bury(record, stage, error)
        DEAD_LETTERS.inc()
