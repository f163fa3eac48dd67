"""Composition root of the exporter: a thread, a consumer and a group for each sink."""

import asyncio
import threading
from functools import partial

import structlog
from footfall_chassis.health import CheckResult, Health
from footfall_chassis.kafka_watch import watching
from footfall_chassis.worker import wait_for
from footfall_schemas.access_errors import check_credentials
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry

from footfall_exporter.consumer import consumer_of
from footfall_exporter.dead_letters import TOPIC, DeadLetters
from footfall_exporter.pump import Pump
from footfall_exporter.settings import ExporterSettings
from footfall_exporter.sinks import SINKS
from footfall_exporter.standing import Standing
from footfall_exporter.topic_lives import TopicLives
from footfall_exporter.writing import Writer

WAITING = CheckResult(ok=False, detail="waiting for Kafka and the registry")

log = structlog.get_logger(__name__)


async def work(settings: ExporterSettings, health: Health) -> None:
    """Carry until cancelled.

    Raises:
        AccessRefusedError: Kafka or the registry refuses us.
        DependencyUnavailableError: One of them does not answer at the start.
        RuntimeError: A sink's thread has ended.
    """
    for name in settings.sinks:
        health.checks[name] = lambda: WAITING
    registry, client = settings.registry(), settings.librdkafka()
    await wait_for("Kafka", partial(check_credentials, client))
    await wait_for("dead letters", partial(ensure_topics, client, [TOPIC], prefix=settings.topic_prefix))
    await wait_for("registry", registry.ping)
    stopping = threading.Event()
    with watching(client, settings.topic_prefix + TOPIC.name) as watch:
        health.checks["broker"] = watch.status
        works = [
            asyncio.create_task(asyncio.to_thread(_carry, settings, registry, name, health, stopping))
            for name in settings.sinks
        ]
        try:
            # A sink whose thread has ended says so in its health, and the others go on.
            await asyncio.wait(works)
            raise RuntimeError("no sink is carried to any more")
        finally:
            stopping.set()
            await asyncio.wait(works)
            registry.close()


def _carry(
    settings: ExporterSettings, registry: SchemaRegistry, name: str, health: Health, stopping: threading.Event
) -> None:
    streams = settings.streams_of(name)
    standing = Standing(name, streams)
    health.checks[name] = standing.status
    try:
        sink, client = SINKS[name](), settings.librdkafka()
        writer = Writer(sink, registry.schema, DeadLetters(client, settings.topic_prefix), standing)
        consumer = consumer_of(
            client, f"{settings.topic_prefix}exporter-{name}", settings.session_timeout.total_seconds()
        )
        pump = Pump(
            sink=sink,
            streams=streams,
            consumer=consumer,
            lives=TopicLives(client),
            writer=writer,
            limits=settings.limits,
            standing=standing,
        )
        pump.run(stopping)
    except Exception as error:
        standing.crashed(f"{type(error).__name__}: {error}")
        log.exception("sink is left alone", sink=name)
