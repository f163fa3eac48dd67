"""Create topics and register schemas; doing so again changes nothing."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from footfall_schemas.refusal import explain, log_in
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Topic

REQUEST_TIMEOUT = 30.0
"""Seconds the broker has to create a topic."""


def ensure_topics(
    client: Mapping[str, str], topics: Iterable[Topic], *, prefix: str = "", replication: int = -1
) -> list[str]:
    """Create the topics that are missing and return their names.

    Args:
        client: librdkafka settings of the connection.
        topics: What must exist.
        prefix: Put before every name.
        replication: Copies of each partition; -1 is the broker's default.

    Raises:
        AccessRefusedError: The broker refuses the user, or does not let it create a topic.
        KafkaException: The broker did not answer.
    """
    new = [NewTopic(prefix + topic.name, topic.partitions, replication, config=topic.config()) for topic in topics]
    if not new:
        return []
    log_in(client)
    admin = AdminClient(dict(client))  # a name of its own: the requests die with the client
    futures = admin.create_topics(new, request_timeout=REQUEST_TIMEOUT)
    return [name for name, future in futures.items() if _created(future, name, client)]


def ensure_schemas(registry: SchemaRegistry, topics: Iterable[Topic]) -> dict[str, int]:
    """Register every schema under BACKWARD_TRANSITIVE and return the ids by topic.

    Raises:
        AccessRefusedError: The registry refuses the user.
        IncompatibleSchemaError: A schema could not read what older versions wrote.
        RegistryUnavailableError: No answer.
    """
    registry.set_compatibility()
    return {topic.name: registry.register(topic) for topic in topics}


def _created(future: "Future[None]", name: str, client: Mapping[str, str]) -> bool:
    try:
        future.result()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise explain(client, error.args[0], f"create or write topic {name}") from None
    return True
