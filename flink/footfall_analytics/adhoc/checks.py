"""What has to be there before a question makes sense; Flink itself would wait for it, or say so at length."""

from collections.abc import Sequence

from footfall_schemas.access_errors import AccessRefusedError, BrokerAwayError, check_credentials
from footfall_schemas.errors import PermanentError
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import load_topics

from footfall_analytics.adhoc.catalog import topic_name
from footfall_analytics.adhoc.script import words
from footfall_analytics.settings import AnalyticsSettings

TIMEOUT = 10.0


class NotThereError(PermanentError):
    """The broker, the registry or a topic is not there; the message names it and the cure."""


def check_streams(settings: AnalyticsSettings, statements: Sequence[str], *, recorded: bool = False) -> None:
    """See that the streams the statements name can be read.

    Args:
        settings: Where the broker and the registry are.
        statements: What is asked.
        recorded: Whether the tables of outputs are those of recorded results.

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
        name = topic_name(topic, settings, recorded=recorded)
        if name not in known:
            maker = (
                "`make run` creates it"
                if name == settings.topic_prefix + topic.name
                else "the first `footfall replay` creates it"
            )
            raise NotThereError(f"{topic.view}: no topic {name} at {settings.kafka_bootstrap_servers}; {maker}")


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
    registry = settings.registry()
    try:
        registry.ping()
    except RegistryUnavailableError as error:
        if error.status:
            raise NotThereError(f"the schema registry at {registry.url} answers {error.status}") from None
        raise NotThereError(
            f"no schema registry answers at {registry.url} ({error}); start the stack with `make run`"
        ) from None
    except AccessRefusedError as error:
        raise NotThereError(str(error)) from None
    finally:
        registry.close()


def _topics(settings: AnalyticsSettings) -> set[str]:
    try:
        return check_credentials(settings.librdkafka(), TIMEOUT)
    except (AccessRefusedError, BrokerAwayError) as error:
        raise NotThereError(str(error)) from None
