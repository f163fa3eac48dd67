"""What becomes of an alert: a webhook for each endpoint, each delivered, put into a retry topic, or a dead letter."""

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
from footfall_alerting.errors import UnreadableWebhookError
from footfall_alerting.metrics import ALERTS, ATTEMPTS, DEAD_LETTERS, DELIVERY_SECONDS, DISABLED, RETRIES
from footfall_alerting.old_payload import webhooks_of
from footfall_alerting.old_policy import JITTER, Complete, DeadLetter, DeliveryResult, Outcome, Retry, next_step
from footfall_alerting.topics import retry_topic
from footfall_alerting.webhook import Webhook, decode_webhook

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
            for webhook in webhooks_of(alert, endpoints):
                group.create_task(self._deliver(record, webhook))

    async def settle_retry(self, record: Record) -> None:
        """Wait until a retried webhook is due, then try again."""
        try:
            webhook = decode_webhook(record.value)
        except UnreadableWebhookError as error:
            await self._give_up(record, "decode", str(error))
            return
        # Not for ever, whatever the record says or the clock does.
        await asyncio.sleep(min(webhook.not_before - self.clock(), self._longest()))
        await self._deliver(record, webhook)

    async def _deliver(self, record: Record, webhook: Webhook) -> None:
        outcome = await self._attempt(webhook)
        ATTEMPTS.add(outcome.result)
        told = log.bind(webhook_id=webhook.webhook_id, endpoint=webhook.endpoint, attempt=webhook.attempts + 1)
        match next_step(outcome, webhook.attempts, [delay.total_seconds() for delay in self.delays], self.jitter()):
            case Complete():
                DELIVERY_SECONDS.observe(max(0.0, self.clock() - webhook.event_time))
                told.info("webhook delivered")
            case Retry(tier, delay, attempted):
                note = webhook.failed if attempted else webhook.postponed
                retried = note(outcome.detail, self.clock() + delay)
                await self.send(
                    self.topic_prefix + retry_topic(self.delays[tier]), webhook.key.encode(), retried.encode(), {}
                )
                RETRIES.inc()
                told.info("webhook will be sent again", reason=outcome.detail, seconds=round(delay, 1))
            case DeadLetter():
                dead = webhook.failed(outcome.detail, 0)
                await self._give_up(
                    replace(record, key=webhook.key.encode(), value=dead.encode()), "deliver", outcome.detail
                )

    def _longest(self) -> float:
        return (1 + JITTER) * max((delay.total_seconds() for delay in self.delays), default=0.0)

    async def _attempt(self, webhook: Webhook) -> Outcome:
        sender = self.senders.get(webhook.endpoint)
        if sender is None:
            return Outcome(DeliveryResult.REFUSED, f"endpoint {webhook.endpoint} is not configured any more")
        was_disabled = sender.disabled
        outcome = await sender.attempt(webhook)
        if sender.disabled and not was_disabled:
            DISABLED.labels(webhook.endpoint).set(1)
            log.error("endpoint disabled", endpoint=webhook.endpoint, reason=outcome.detail)
        return outcome

    async def _give_up(self, record: Record, stage: str, error: str) -> None:
        await self.dead_letters.add(record, stage, error)
        DEAD_LETTERS.inc()
