"""Read topics as the tests need them: everything that is committed, decoded."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, IsolationLevel, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Topic, load_topics

from support.limits import is_unbearable
from support.oracle import Message
from support.oracle.versions import deletion

DIMENSIONS = {
    topic.name: topic.key[0] for topic in load_topics().values() if not topic.is_output and topic.cleanup == "compact"
}
"""Topics of versions, and the field that names their rows."""


def read_topic(bootstrap: str, registry: SchemaRegistry, topic: str, *, prefix: str = "") -> list[Message]:
    """Return every committed record of the topic, each partition's in offset order.

    Tombstones are left out, but in a dimension, where they say that a row was deleted.
    """
    return read_with_poison(bootstrap, registry, topic, prefix=prefix)[0]


def read_with_poison(
    bootstrap: str, registry: SchemaRegistry, topic: str, *, prefix: str = ""
) -> tuple[list[Message], dict[tuple[str, int, int], bytes | None]]:
    """Return the topic's records, and by place the values of those that cannot be read.

    Tombstones are among those, but for the deletions of a dimension, and what is beyond the limits of an event.
    """
    messages: list[Message] = []
    poison: dict[tuple[str, int, int], bytes | None] = {}
    for message in read_raw(bootstrap, prefix + topic):
        place, value = (topic, message.partition(), message.offset()), message.value()
        written = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
        if value is None and topic in DIMENSIONS:
            messages.append(Message(*place, deletion(DIMENSIONS[topic], message.key().decode(), written)))
            continue
        try:
            row = decode(value, registry.schema(schema_id_of(value)), load_topics()[topic].schema)
        except PoisonMessageError:
            poison[place] = value
            continue
        if is_unbearable(topic, row, written):
            poison[place] = value
        else:
            messages.append(Message(*place, row))
    return messages, poison


def read_raw(bootstrap: str, topic: str) -> list[Any]:
    """Return every committed message of the topic."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests-reader",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 10,
            "enable.partition.eof": True,
        }
    )
    try:
        partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
        messages: list[Any] = []
        ended: set[int] = set()
        while len(ended) < len(partitions):
            for message in consumer.consume(1000, timeout=0.1):
                if message.error() is None:
                    messages.append(message)
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
                # Any other error, such as a broker that is away, passes or is met again.
        return sorted(messages, key=lambda message: (message.partition(), message.offset()))
    finally:
        consumer.close()


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str | Callable[[], str]) -> None:
    """Poll until the condition holds.

    Args:
        condition: Is asked every half second.
        seconds: How long.
        what: Is waited for; a function is called when it has been in vain, to tell what there was instead.

    Raises:
        TimeoutError: It did not within the time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.5)


def wait_readable(bootstrap: str, *, seconds: float) -> None:
    """Wait until who reads committed messages can read everything that is in any topic now.

    Raises:
        TimeoutError: A transaction holds something back.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap})
    topics = admin.list_topics(timeout=30).topics.items()
    places = [TopicPartition(name, number) for name, described in topics for number in described.partitions]

    def ends(level: IsolationLevel) -> dict[tuple[str, int], int]:
        asked = admin.list_offsets(dict.fromkeys(places, OffsetSpec.latest()), isolation_level=level)
        return {(place.topic, place.partition): future.result(30).offset for place, future in asked.items()}

    written, held = ends(IsolationLevel.READ_UNCOMMITTED), dict[tuple[str, int], int]()

    def is_readable() -> bool:
        held.clear()
        held.update({place: end for place, end in ends(IsolationLevel.READ_COMMITTED).items() if end < written[place]})
        return not held

    wait_until(is_readable, seconds=seconds, what=lambda: f"everything can be read, but {held}")


def create_with_times_of_producers(bootstrap: str, topics: list[Topic], prefix: str) -> None:
    """Create topics whose messages bear the time that their producer gives them, any time, instead of the broker's.

    From the beginning: the first messages would not wait for a change of the configuration.
    """
    times = {"message.timestamp.type": "CreateTime", "message.timestamp.after.max.ms": str(2**63 - 1)}
    new = [NewTopic(prefix + topic.name, topic.partitions, -1, config=topic.config() | times) for topic in topics]
    admin = AdminClient({"bootstrap.servers": bootstrap})  # a name of its own: the requests die with the client
    for answer in admin.create_topics(new, request_timeout=30).values():
        answer.result(30)
