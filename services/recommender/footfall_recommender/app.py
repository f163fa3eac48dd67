"""Composition root of the recommender, and the only file that knows Faust.

Every worker holds every product. The compacted topic is the database: a worker reads all of it at start, in a consumer
group of its own that never commits, and follows it from then on.
"""

import uuid
from functools import partial
from typing import Any

import structlog
from footfall_chassis import consumer, faust_app
from footfall_chassis.breaker import Breaker
from footfall_chassis.health import Health
from footfall_chassis.worker import wait_for
from footfall_schemas import codec
from footfall_schemas.provision import ensure_schemas, ensure_topics
from footfall_schemas.registry import RegistryUnavailableError, SchemaRegistry
from footfall_schemas.topics import Json, Topic, topic

from footfall_recommender.progress import Progress, last_offsets
from footfall_recommender.ranking import Catalog
from footfall_recommender.settings import RecommenderSettings
from footfall_recommender.updates import Updates

RELATED = topic("related-products")
DEAD_LETTERS = Topic(
    name="recommender-dead-letters",
    kind="metrics",
    schema={},
    key=(),
    partitions=1,
    cleanup="delete",
    retention_hours=30 * 24,
)

log = structlog.get_logger(__name__)


async def work(settings: RecommenderSettings, catalog: Catalog, health: Health) -> None:
    """Keep the catalog up to date until cancelled.

    Raises:
        DependencyUnavailableError: No Kafka or no registry at start.
        WorkerStoppedError: Faust crashed.
    """
    progress = Progress()
    health.checks["catalog"] = progress.status
    registry = settings.registry()
    await prepare(settings, registry, progress)
    app = faust_app.build_app(f"{settings.topic_prefix}recommender-{uuid.uuid4()}", settings)
    send = partial(faust_app.send, app)
    dead_letters = consumer.DeadLetters(send, settings.topic_prefix + DEAD_LETTERS.name)
    updates = Updates(catalog=catalog, progress=progress, decode=decoder(registry), dead_letters=dead_letters)
    breaker = Breaker.of(settings, dead_letters, faust_app.Partitions(app))
    health.checks["records"] = breaker.status

    async def agent(stream: Any) -> None:
        await consumer.follow(stream, updates.settle, breaker, updates.settled)

    source = app.topic(
        settings.topic_prefix + RELATED.name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )
    app.agent(source, name="follow-related-products")(agent)
    log.info("loading", topic=source.get_topic_name(), partitions=len(progress.targets or {}))
    await faust_app.run_until_crash(app)


async def prepare(settings: RecommenderSettings, registry: SchemaRegistry, progress: Progress) -> None:
    """Wait for Kafka and the registry, create what is missing, and learn how far there is to read."""
    kafka = f"Kafka at {settings.kafka_bootstrap_servers}"
    client = settings.librdkafka()
    await wait_for(kafka, partial(ensure_topics, client, [RELATED, DEAD_LETTERS], prefix=settings.topic_prefix))
    await wait_for(f"registry at {registry.url}", partial(ensure_schemas, registry, [RELATED]))
    progress.targets = await wait_for(kafka, partial(last_offsets, client, settings.topic_prefix + RELATED.name))


def decoder(registry: SchemaRegistry) -> consumer.Decoder[Json, Json]:
    """Return what decodes this topic's records."""
    return consumer.Decoder(
        schema_id=codec.schema_id_of,
        look_up=registry.schema,
        decode=partial(codec.decode, reader=RELATED.schema),
        transient=RegistryUnavailableError,
    )
