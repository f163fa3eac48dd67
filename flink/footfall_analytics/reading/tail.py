"""Follow a topic as a reader of committed results sees it."""

import sys
import time
from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from footfall_schemas.access_errors import BrokerAwayError, access_error, asking, check_credentials, silent
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of, to_json
from footfall_schemas.errors import PermanentError
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import RECORDED, Json, load_topics

SILENCE = 30.0
"""Seconds without a word of the broker's after which whoever does not follow waits no longer."""


class UnknownTopicError(PermanentError, ValueError):
    """The broker has no such topic, or there can be none."""


def recorded_topic(topic: str, prefix: str) -> str:
    """Return the name of the topic that holds what replays compute of this stream.

    Args:
        topic: Name of the stream's live topic.
        prefix: What the names of all topics begin with.

    Raises:
        UnknownTopicError: Nothing computes it.
    """
    name = topic.removeprefix(prefix)
    outputs = [each.name for each in load_topics().values() if each.is_computed]
    if name not in outputs:
        raise UnknownTopicError(f"replays do not compute {topic!r}; choose from {', '.join(sorted(outputs))}")
    return prefix + RECORDED + name


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
        AccessRefusedError: The broker or the registry refuses the user, or it may not read the topic.
        BrokerAwayError: The broker does not answer. Once it has, and it is followed, this is said and it is waited for.
        UnknownTopicError: There is no such topic.
        RegistryUnavailableError: A writer's schema could not be looked up.
    """
    check_credentials(client)
    outage = _Outage(client)
    consumer = Consumer(
        dict(client)
        | {"group.id": "footfall-tail", "enable.auto.commit": False, "enable.partition.eof": True}
        # Of a topic that is emptied meanwhile nothing is passed over that is written next.
        | {"auto.offset.reset": "earliest", "error_cb": outage.hear}
    )
    try:
        with asking(client, f"read topic {topic}"):
            known = consumer.list_topics(topic, timeout=10).topics[topic]
        if known.error and known.error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise access_error(client, known.error, f"read topic {topic}")
        if known.error:
            cure = "; the first `footfall replay` creates it" if RECORDED in topic else ""
            raise UnknownTopicError(f"no topic {topic!r} on {client['bootstrap.servers']}{cure}")
        with asking(client, f"read topic {topic}"):
            consumer.assign([_start(consumer, topic, partition, last) for partition in known.partitions])
        for message in _messages(consumer, outage, len(known.partitions), follow=follow):
            if message is None:
                yield None
            elif message.error():
                raise access_error(client, message.error(), f"read topic {topic}")
            else:
                yield _decoded(message, registry)
    finally:
        consumer.close()


class _Outage:
    """Says once that the broker does not answer, and once more when it has answered since."""

    def __init__(self, client: Mapping[str, str]) -> None:
        self.client = client
        self._reason = ""
        self._told = False

    def hear(self, error: KafkaError) -> None:
        """Take notice of what the consumer says of the connection."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._reason = BrokerAwayError(self.client, error).reason
        elif not self._told:
            self._told = True
            print(f"footfall: {BrokerAwayError(self.client, error, self._reason)}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take notice of an answer."""
        self._told = False


def _start(consumer: Consumer, topic: str, partition: int, last: int) -> TopicPartition:
    place = TopicPartition(topic, partition)
    low, high = consumer.get_watermark_offsets(place, timeout=10)
    # Twice as many: transaction markers take offsets, too.
    return TopicPartition(topic, partition, max(low, high - 2 * last) if last else high)


def _messages(consumer: Consumer, outage: _Outage, partitions: int, *, follow: bool) -> Iterator[Message | None]:
    ended: set[int] = set()
    heard = time.monotonic()
    while follow or len(ended) < partitions:
        message = consumer.poll(1.0)
        if message is not None:
            outage.end()
            heard = time.monotonic()
        elif not follow and time.monotonic() - heard > SILENCE:
            raise silent(outage.client, SILENCE)
        match message.error() and message.error().code() if message else None:
            case None | KafkaError.TOPIC_AUTHORIZATION_FAILED:
                yield message
            case KafkaError._PARTITION_EOF:  # noqa: SLF001
                ended.add(message.partition())
            # Any other error passes or is met again. A group that we may not use is none of our business: we commit nothing.


def _decoded(message: Message, registry: SchemaRegistry) -> Json:
    value = message.value()
    if value is None:
        return {"key": (message.key() or b"").decode(errors="replace"), "deleted": True}
    try:
        return to_json(decode(value, registry.schema(schema_id_of(value))))
    except PoisonMessageError as error:
        return {"partition": message.partition(), "offset": message.offset(), "decode_error": str(error)}
