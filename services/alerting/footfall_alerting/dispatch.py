"""What becomes of an alert: a job for each endpoint, each delivered, put into a retry topic, or a dead letter."""

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

from footfall_alerting.delivery import WebhookSender
from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.jobs import Job, decode_job
from footfall_alerting.metrics import ALERTS, ATTEMPTS, DEAD_LETTERS, DELIVERY_SECONDS, DISABLED, RETRIES
from footfall_alerting.policy import JITTER, Complete, DeadLetter, DeliveryResult, Outcome, Retry, next_step
from footfall_alerting.topics import retry_topic
from footfall_alerting.webhook import jobs_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Dispatcher:
    """Settles the records of inventory-alerts and of the retry topics."""

    senders: Mapping[str, WebhookSender]
    """By endpoint id."""
    delays: Sequence[timedelta]
    decode: Callable[[Record], Awaitable[dict[str, Any]]]
    """Decodes an alert, waiting for the registry if it must."""
    send: Send
    dead_letters: DeadLetters
    topic_prefix: str = ""
    clock: Callable[[], float] = time.time
    jitter: Callable[[], float] = field(default=random.random)

    async def settle_alert(self, record: Record) -> None:
        """Send an alert to every endpoint that wants it; return when each is delivered, retried or dead."""
        try:
            alert = await self.decode(record)
        except PoisonMessageError as error:
            await self._give_up(record, "decode", str(error))
            return
        ALERTS.inc()
        endpoints = [sender.endpoint for sender in self.senders.values()]
        async with asyncio.TaskGroup() as group:
            for job in jobs_of(alert, endpoints):
                group.create_task(self._deliver(record, job))

    async def settle_retry(self, record: Record) -> None:
        """Wait until a retried job is due, then try again."""
        try:
            job = decode_job(record.value)
        except UnreadableJobError as error:
            await self._give_up(record, "decode", str(error))
            return
        # Not for ever, whatever the record says or the clock does.
        await asyncio.sleep(min(job.not_before - self.clock(), self._longest()))
        await self._deliver(record, job)

    async def _deliver(self, record: Record, job: Job) -> None:
        outcome = await self._attempt(job)
        ATTEMPTS.add(outcome.result)
        told = log.bind(webhook_id=job.webhook_id, endpoint=job.endpoint, attempt=job.attempts + 1)
        match next_step(outcome, job.attempts, [delay.total_seconds() for delay in self.delays], self.jitter()):
            case Complete():
                DELIVERY_SECONDS.observe(max(0.0, self.clock() - job.event_time))
                told.info("webhook delivered")
            case Retry(tier, delay, attempted):
                note = job.failed if attempted else job.postponed
                retried = note(outcome.detail, self.clock() + delay)
                await self.send(
                    self.topic_prefix + retry_topic(self.delays[tier]), job.key.encode(), retried.encode(), {}
                )
                RETRIES.inc()
                told.info("webhook will be sent again", reason=outcome.detail, seconds=round(delay, 1))
            case DeadLetter():
                dead = job.failed(outcome.detail, 0)
                await self._give_up(
                    replace(record, key=job.key.encode(), value=dead.encode()), "deliver", outcome.detail
                )

    def _longest(self) -> float:
        return (1 + JITTER) * max((delay.total_seconds() for delay in self.delays), default=0.0)

    async def _attempt(self, job: Job) -> Outcome:
        sender = self.senders.get(job.endpoint)
        if sender is None:
            return Outcome(DeliveryResult.REFUSED, f"endpoint {job.endpoint} is not configured any more")
        was_disabled = sender.disabled
        outcome = await sender.attempt(job)
        if sender.disabled and not was_disabled:
            DISABLED.labels(job.endpoint).set(1)
            log.error("endpoint disabled", endpoint=job.endpoint, reason=outcome.detail)
        return outcome

    async def _give_up(self, record: Record, stage: str, error: str) -> None:
        await self.dead_letters.add(record, stage, error)
        DEAD_LETTERS.inc()
