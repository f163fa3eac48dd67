"""Composition root of the alerting service, and the only file that knows Faust."""

from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from footfall_chassis import consumer, faust_app
from footfall_chassis.breaker import Breaker
from footfall_chassis.health import CheckResult, Health
from footfall_chassis.kafka_watch import watching
from footfall_chassis.worker import wait_for
from footfall_schemas import codec
from footfall_schemas.provision import ensure_schemas, ensure_topics
from footfall_schemas.registry import RegistryUnavailableError, SchemaRegistry
from footfall_schemas.topics import Json, topic

from footfall_alerting.delivery import WebhookSender
from footfall_alerting.dispatch import Dispatcher
from footfall_alerting.metrics import DISABLED
from footfall_alerting.settings import AlertingSettings
from footfall_alerting.ssrf_guard import public_only_transport
from footfall_alerting.topics import DEAD_LETTER_TOPIC, own_topics, retry_topic

ALERTS = topic("inventory-alerts")
GROUP = "alerting"

log = structlog.get_logger(__name__)


async def work(settings: AlertingSettings, health: Health) -> None:
    """Deliver alerts until cancelled.

    Raises:
        DependencyUnavailableError: No Kafka or no registry at start.
        WorkerStoppedError: Faust crashed.
    """
    health.checks["kafka"] = lambda: CheckResult(ok=False, detail="waiting for Kafka and the registry")
    registry = settings.registry()
    await prepare(settings, registry)
    # A full tier holds its records for as long as its delay: Faust must not take that for a hanging stream.
    quiet = 300 + 2 * sum(delay.total_seconds() for delay in settings.retry_delays)
    app = faust_app.build_app(
        settings.topic_prefix + GROUP,
        settings,
        stream_processing_timeout=quiet,
        broker_commit_livelock_soft_timeout=quiet,
    )
    async with AsyncExitStack() as closing:
        senders = await _senders(settings, closing)
        send = partial(faust_app.send, app)
        dead_letters = consumer.DeadLetters(send, settings.topic_prefix + DEAD_LETTER_TOPIC.name)
        breaker = Breaker.of(settings, dead_letters, faust_app.Partitions(app))
        dispatcher = Dispatcher(
            senders=senders,
            delays=settings.retry_delays,
            decode=decoder(registry),
            send=send,
            dead_letters=dead_letters,
            topic_prefix=settings.topic_prefix,
        )
        _consume(app, settings, ALERTS.name, dispatcher.settle_alert, breaker)
        for delay in settings.retry_delays:
            _consume(app, settings, retry_topic(delay), dispatcher.settle_retry, breaker)
        health.checks["records"] = breaker.status
        health.checks["kafka"] = partial(faust_app.assigned, app)
        watch = closing.enter_context(watching(settings.librdkafka(), settings.topic_prefix + ALERTS.name))
        health.checks["broker"] = watch.status
        log.info("delivering", endpoints=list(senders), retry_topics=len(settings.retry_delays))
        await faust_app.run_until_crash(app)


async def prepare(settings: AlertingSettings, registry: SchemaRegistry) -> None:
    """Wait for Kafka and the registry and create what is missing."""
    topics = [ALERTS, *own_topics(settings.retry_delays)]
    await wait_for(
        f"Kafka at {settings.kafka_bootstrap_servers}",
        partial(ensure_topics, settings.librdkafka(), topics, prefix=settings.topic_prefix),
    )
    await wait_for(f"registry at {registry.url}", partial(ensure_schemas, registry, [ALERTS]))


def decoder(registry: SchemaRegistry) -> consumer.Decoder[Json, Json]:
    """Return what decodes this topic's records."""
    return consumer.Decoder(
        schema_id=codec.schema_id_of,
        look_up=registry.schema,
        decode=partial(codec.decode, reader=ALERTS.schema),
        transient=RegistryUnavailableError,
    )


async def _senders(settings: AlertingSettings, closing: AsyncExitStack) -> dict[str, WebhookSender]:
    senders = {}
    for endpoint in settings.receivers():
        senders[endpoint.id] = sender = WebhookSender(
            endpoint,
            concurrency=settings.concurrency,
            timeout=settings.timeout,
            # Without a retry topic there is nowhere else to wait.
            queue_timeout=timedelta(seconds=1) if settings.retry_delays else None,
            transport=None if settings.allowed_networks else public_only_transport(settings.concurrency),
        )
        closing.push_async_callback(sender.close)
        DISABLED.labels(endpoint.id).set(0)
    return senders


def _consume(
    app: faust_app.SafeApp, settings: AlertingSettings, name: str, settle: consumer.Settle, breaker: Breaker
) -> None:
    async def agent(stream: Any) -> None:
        await consumer.settle_each(stream, settle, breaker, max_in_flight=settings.max_in_flight)

    source = app.topic(
        settings.topic_prefix + name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    app.agent(source, name=f"settle-{name}")(agent)
