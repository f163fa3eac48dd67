"""Makes broker and registry ready: waits for them, creates missing topics, registers schemas."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Event
from typing import TypeVar

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition
from footfall_chassis.patience import Patience
from footfall_chassis.settings import ConnectionSettings
from footfall_schemas.access_errors import AccessRefusedError, BrokerAwayError, asking, check_credentials
from footfall_schemas.errors import TransientError
from footfall_schemas.provision import ensure_schemas, ensure_topics
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import Topic

log = structlog.get_logger()

Answer = TypeVar("Answer")
PROBE = 1.5
"""Seconds the broker may take for its first answer; whoever stops us meanwhile waits two."""
REQUEST = 10.0
"""Seconds a later request may take; librdkafka would try for ever."""


class UnavailableError(TransientError):
    """Broker or registry did not answer in time, or refuses us; the message names the address."""


def prepare(
    connection: ConnectionSettings, topics: Iterable[Topic], *, prefix: str, timeout: timedelta, stop: Event
) -> dict[str, int]:
    """Create the topics that are missing and return the schema ids by topic name.

    Raises:
        UnavailableError: Broker or registry was away for all of `timeout`, or until `stop`, or refuses us.
        IncompatibleSchemaError: The registry knows another, incompatible schema.
    """
    wanted, client = list(topics), connection.librdkafka()
    broker = f"Kafka at {connection.kafka_bootstrap_servers} (KAFKA_BOOTSTRAP_SERVERS)"
    registry = f"the schema registry at {connection.schema_registry_url} (SCHEMA_REGISTRY_URL)"
    # An admin request is slow to notice a broker that is away, and does not say so: look first.
    _patiently(lambda: check_credentials(client, PROBE), broker, timeout, stop)
    _patiently(lambda: ensure_topics(client, wanted, prefix=prefix), broker, timeout, stop)
    return _patiently(lambda: _register(connection, wanted), registry, timeout, stop)


def record_count(connection: ConnectionSettings, topics: Iterable[str], *, timeout: timedelta, stop: Event) -> int:
    """Return how many records the topics have ever got; those that do not exist have none.

    Raises:
        UnavailableError: Broker was away for all of `timeout`, or until `stop`, or refuses us. A topic that was just made has
            no leader for a moment.
    """
    wanted, broker = list(topics), f"Kafka at {connection.kafka_bootstrap_servers} (KAFKA_BOOTSTRAP_SERVERS)"
    return _patiently(lambda: _count(connection, wanted), broker, timeout, stop)


def _count(connection: ConnectionSettings, topics: Iterable[str]) -> int:
    client = connection.librdkafka()
    consumer = Consumer({**client, "group.id": "footfall-generator"})
    try:
        with asking(client, "read the end offsets of topics"):
            known = consumer.list_topics(timeout=REQUEST).topics
            return sum(
                consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=REQUEST)[1]
                for name in topics
                if name in known
                for partition in known[name].partitions
            )
    finally:
        consumer.close()


def _register(connection: ConnectionSettings, topics: Iterable[Topic]) -> dict[str, int]:
    registry = connection.registry()
    try:
        return ensure_schemas(registry, topics)
    finally:
        registry.close()


def _patiently(call: Callable[[], Answer], what: str, timeout: timedelta, stop: Event) -> Answer:
    seconds = timeout.total_seconds()
    patience = Patience(
        seconds,
        mends=lambda error: isinstance(error, KafkaException | RegistryUnavailableError),
        tell=lambda error: log.warning("waiting for an answer", reason=_said(what, error), seconds=seconds),
        stopped=stop.is_set,
    )
    try:
        return patience.ask(call)
    except AccessRefusedError as refused:
        raise UnavailableError(str(refused)) from refused
    except (KafkaException, RegistryUnavailableError) as error:
        raise UnavailableError(_said(what, error)) from error


def _said(what: str, error: Exception) -> str:
    match error:
        case BrokerAwayError():
            return str(error)
        case KafkaException():
            return f"{what} did not answer: {error.args[0].str()}"
    return f"{what} did not answer: {error}"
