"""Being refused: who one says one is, or what one wants. Nothing that waiting would mend."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

TIMEOUT = 10.0
"""Seconds the broker has to answer."""
_FORBIDDEN = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
_CURES = {
    KafkaError._AUTHENTICATION: "check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD",  # noqa: SLF001
    KafkaError._SSL: "check KAFKA_SSL_CA_LOCATION",  # noqa: SLF001
}


class AccessRefusedError(RuntimeError):
    """The broker or the registry refuses the user, or does not let it do this; the message names both and the cure."""


def log_in(client: Mapping[str, str], timeout: float = TIMEOUT) -> set[str]:
    """See that the broker takes us, and return the topics that it shows us.

    librdkafka itself tries for ever, and in the end says no more than that nobody answered.

    Args:
        client: librdkafka settings of the connection.
        timeout: Seconds the broker has to answer.

    Raises:
        AccessRefusedError: It refuses the user, or its certificate is not trusted.
        KafkaException: No answer.
    """
    refusals: list[KafkaError] = []

    def note(error: KafkaError) -> None:
        if error.code() in _CURES:
            refusals.append(error)

    settings: dict[str, Any] = {**client, "error_cb": note, "log_level": 0}
    admin = AdminClient(settings)
    waited, step = 0.0, min(timeout, 1.0)
    while True:
        try:
            return set(admin.list_topics(timeout=step).topics)
        except KafkaException:
            admin.poll(0)
            waited += step
            if refusals:
                raise _refused(client, refusals[0]) from None
            if waited >= timeout:
                raise


def explain(client: Mapping[str, str], error: KafkaError, wish: str) -> Exception:
    """Return what an error of Kafka's means for a person: that access is refused, or the error as it is.

    Args:
        client: librdkafka settings of the connection.
        error: What the broker said.
        wish: What was tried, such as `read topic clickstream`.
    """
    if error.code() in _CURES:
        return _refused(client, error)
    if error.code() not in _FORBIDDEN:
        failed: Exception = KafkaException(error)
        return failed
    return AccessRefusedError(
        f"user {client.get('sasl.username', '')!r} may not {wish} "
        f"at {client['bootstrap.servers']}; let it (docs/security.md), or use another KAFKA_SASL_USERNAME"
    )


def _refused(client: Mapping[str, str], error: KafkaError) -> AccessRefusedError:
    whom = f" refuses user {client['sasl.username']!r}" if "sasl.username" in client else " refuses the connection"
    if error.code() == KafkaError._SSL:  # noqa: SLF001
        whom = ": no connection by TLS"
    return AccessRefusedError(
        f"Kafka at {client['bootstrap.servers']}{whom} ({_reason(error)}); {_CURES[error.code()]}"
    )


def _reason(error: KafkaError) -> str:
    # sasl_ssl://127.0.0.1:9092/bootstrap: SASL authentication error: Authentication failed … (after 31ms in state …)
    reason: str = error.str().split("/bootstrap: ")[-1].split(" (after ")[0]
    return reason
