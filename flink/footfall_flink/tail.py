"""Follow a topic as a reader of committed results sees it."""

from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, Message, TopicPartition
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of, to_json
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json


class UnknownTopicError(ValueError):
    """The broker has no such topic."""


def tail(
    client: Mapping[str, str], registry: SchemaRegistry, topic: str, *, last: int, follow: bool
) -> Iterator[Json | None]:
    """Yield the topic's records as JSON values: the last ones of each partition, then new ones as they are committed.

    None is yielded about once a second while nothing comes, so that the caller can look at the clock; without `follow`
    the records end where the topic ended at the start.

    Args:
        client: librdkafka settings of the connection.
        registry: Where writers' schemas are.
        topic: Name of the topic.
        last: How many records of each partition to begin with.
        follow: Whether to go on.

    Raises:
        UnknownTopicError: There is no such topic.
        RegistryUnavailableError: A writer's schema could not be looked up.
    """
    consumer = Consumer(
        dict(client)
        | {"group.id": "footfall-tail", "enable.auto.commit": False, "enable.partition.eof": True, "error_cb": _ignore}
    )
    try:
        known = consumer.list_topics(topic, timeout=10).topics[topic]
        if known.error:
            raise UnknownTopicError(f"no topic {topic!r} on {client['bootstrap.servers']}")
        consumer.assign([_start(consumer, topic, partition, last) for partition in known.partitions])
        yield from _records(consumer, registry, len(known.partitions), follow=follow)
    finally:
        consumer.close()


def _ignore(_: object) -> None:
    """Leave connection errors to the call that meets them."""


def _start(consumer: Consumer, topic: str, partition: int, last: int) -> TopicPartition:
    place = TopicPartition(topic, partition)
    low, high = consumer.get_watermark_offsets(place, timeout=10)
    # Twice as many: transaction markers take offsets, too.
    return TopicPartition(topic, partition, max(low, high - 2 * last) if last else high)


def _records(consumer: Consumer, registry: SchemaRegistry, partitions: int, *, follow: bool) -> Iterator[Json | None]:
    ended: set[int] = set()
    while follow or len(ended) < partitions:
        message = consumer.poll(1.0)
        if message is None:
            yield None
        elif message.error():
            ended.add(message.partition())
        else:
            yield _decoded(message, registry)


def _decoded(message: Message, registry: SchemaRegistry) -> Json:
    value = message.value()
    if value is None:
        return {"key": (message.key() or b"").decode(errors="replace"), "deleted": True}
    try:
        return to_json(decode(value, registry.schema(schema_id_of(value))))
    except PoisonMessageError as error:
        return {"partition": message.partition(), "offset": message.offset(), "unreadable": str(error)}
