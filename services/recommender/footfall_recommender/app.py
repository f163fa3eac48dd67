"""Composition root of the recommender, and the only file that knows Faust.

Every worker holds every product. The compacted topic is the database: a worker reads all of it at start, in a consumer
group of its own that never commits, and follows it from then on. With a seed, the topic of recorded results is a second one.
"""

import asyncio
import uuid
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from footfall_chassis import consumer, faust_app
from footfall_chassis.breaker import Breaker
from footfall_chassis.health import Health
from footfall_chassis.kafka_watch import watching
from footfall_chassis.letters import dead_letter_topic
from footfall_chassis.worker import wait_for
from footfall_schemas import codec
from footfall_schemas.provision import ensure_recorded, ensure_schemas, ensure_topics
from footfall_schemas.registry import RegistryUnavailableError, SchemaRegistry
from footfall_schemas.topics import RECORDED, Json, topic

from footfall_recommender.progress import Progress, last_offsets
from footfall_recommender.ranking import Seeded
from footfall_recommender.settings import RecommenderSettings
from footfall_recommender.updates import Updates

RELATED = topic("related-products")
DEAD_LETTER_TOPIC = dead_letter_topic("recommender")
LOOK_PAUSE = 5.0
"""Seconds between two looks at where the topic of recorded results begins, which a replay empties."""

log = structlog.get_logger(__name__)


async def work(settings: RecommenderSettings, rankings: Seeded, health: Health) -> None:
    """Keep the rankings up to date until cancelled.

    Raises:
        DependencyUnavailableError: No Kafka or no registry at start.
        WorkerStoppedError: Faust crashed.
    """
    live = settings.topic_prefix + RELATED.name
    progress = {live: Progress()}
    health.checks["catalog"] = progress[live].status
    if settings.seed:
        seed = settings.topic_prefix + RECORDED + RELATED.name
        progress[seed] = Progress()
        health.checks["seed"] = progress[seed].status
    registry = settings.registry()
    await prepare(settings, registry, progress)
    app = faust_app.build_app(f"{settings.topic_prefix}recommender-{uuid.uuid4()}", settings)
    send = partial(faust_app.send, app)
    dead_letters = consumer.DeadLetters(send, settings.topic_prefix + DEAD_LETTER_TOPIC.name)
    breaker = Breaker.of(settings, dead_letters, faust_app.Partitions(app))
    health.checks["records"] = breaker.status
    decode = decoder(registry)
    updates = {
        name: Updates(
            catalog=rankings.live if name == live else rankings.seed,
            progress=read,
            decode=decode,
            dead_letters=dead_letters,
            is_seed=name != live,
        )
        for name, read in progress.items()
    }
    for name, taken in updates.items():
        follow(app, name, taken, breaker)
        log.info("loading", topic=name, partitions=len(progress[name].targets or {}))
    looking = [asyncio.create_task(look(app, name, taken)) for name, taken in updates.items() if taken.is_seed]
    try:
        with watching(settings.librdkafka(), live) as watch:
            health.checks["broker"] = watch.status
            await faust_app.run_until_crash(app)
    finally:
        for task in looking:
            task.cancel()


async def prepare(settings: RecommenderSettings, registry: SchemaRegistry, progress: dict[str, Progress]) -> None:
    """Wait for Kafka and the registry, create what is missing, and learn how far there is to read of each topic."""
    kafka = f"Kafka at {settings.kafka_bootstrap_servers}"
    client = settings.librdkafka()
    await wait_for(kafka, partial(ensure_topics, client, [RELATED, DEAD_LETTER_TOPIC], prefix=settings.topic_prefix))
    if settings.seed:
        await wait_for(kafka, partial(ensure_recorded, client, [RELATED], prefix=settings.topic_prefix))
    await wait_for(f"registry at {registry.url}", partial(ensure_schemas, registry, [RELATED]))
    for name, read in progress.items():
        read.targets = await wait_for(kafka, partial(last_offsets, client, name))


def follow(app: faust_app.SafeApp, name: str, updates: Updates, breaker: Breaker) -> None:
    """Have the application take a topic's records."""

    async def agent(stream: Any) -> None:
        await consumer.follow(stream, updates.settle, breaker, updates.settled)

    source = app.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    app.agent(source, name=f"follow-{name}")(agent)


async def look(app: faust_app.SafeApp, name: str, updates: Updates) -> None:
    """Look again and again where a topic's partitions begin: deleted records are told to nobody."""
    while True:
        await asyncio.sleep(LOOK_PAUSE)
        # Not joined yet, or no broker: the next look tells.
        with suppress(Exception):
            places = [place for place in app.consumer.assignment() if place.topic == name]
            for place, offset in (await app.consumer.earliest_offsets(*places)).items():
                updates.begins(place.partition, offset)


def decoder(registry: SchemaRegistry) -> consumer.Decoder[Json, Json]:
    """Return what decodes this topic's records."""
    return consumer.Decoder(
        schema_id=codec.schema_id_of,
        look_up=registry.schema,
        decode=partial(codec.decode, reader=RELATED.schema),
        transient=RegistryUnavailableError,
    )
