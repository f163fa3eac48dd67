"""What has to be there before a question makes sense; Flink itself would wait for it, or say so at length."""

from collections.abc import Sequence

import httpx
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from footfall_schemas.topics import load_topics

from footfall_flink.adhoc.script import words
from footfall_flink.settings import AnalyticsSettings

TIMEOUT = 10.0


class NotThereError(RuntimeError):
    """The broker, the registry or a topic is not there; the message names it and the cure."""


def check_streams(settings: AnalyticsSettings, statements: Sequence[str]) -> None:
    """See that the streams the statements name can be read.

    Raises:
        NotThereError: They cannot.
    """
    named = words(statements)
    topics = [topic for topic in load_topics().values() if topic.view in named]
    if not topics:
        return
    known = _topics(settings)
    check_registry(settings)
    for topic in topics:
        name = settings.topic_prefix + topic.name
        if name not in known:
            raise NotThereError(
                f"{topic.view}: no topic {name} at {settings.kafka_bootstrap_servers}; the stack makes it (make run)"
            )


def check_servers(settings: AnalyticsSettings) -> None:
    """See that the broker and the registry answer.

    Raises:
        NotThereError: One does not.
    """
    _topics(settings)
    check_registry(settings)


def check_registry(settings: AnalyticsSettings) -> None:
    """See that the registry answers; a reader without it waits in silence.

    Raises:
        NotThereError: It does not.
    """
    url = settings.schema_registry_url
    try:
        answer = httpx.get(f"{url}/subjects", timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise NotThereError(f"no schema registry answers at {url} ({error}); is the stack up (make run)?") from None
    if answer.is_error:
        raise NotThereError(f"the schema registry at {url} answers {answer.status_code}")


def _topics(settings: AnalyticsSettings) -> set[str]:
    client = AdminClient(settings.librdkafka() | {"log_level": "0"})
    try:
        return set(client.list_topics(timeout=TIMEOUT).topics)
    except KafkaException:
        raise NotThereError(
            f"no Kafka answers at {settings.kafka_bootstrap_servers}; is the stack up (make run)?"
        ) from None
