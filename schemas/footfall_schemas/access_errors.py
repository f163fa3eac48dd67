"""What Kafka's errors mean for a person: to be refused, which waiting does not mend, or a broker that is away."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from footfall_schemas.errors import PermanentError, TransientError

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
_AWAY = {
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
    KafkaError._RESOLVE,  # noqa: SLF001
    KafkaError._TIMED_OUT,  # noqa: SLF001
    KafkaError._TRANSPORT,  # noqa: SLF001
}


class AccessRefusedError(PermanentError):
    """The broker or the registry refuses the user, or does not let it do this; the message names both and the cure."""


class BrokerAwayError(KafkaException, TransientError):  # type: ignore[misc]  # it comes without types
    """The broker does not answer; the message names its address and the cure.

    Args:
        client: librdkafka settings of the connection.
        error: What the client says in the end.
        reason: What it said before, which tells more.
    """

    def __init__(self, client: Mapping[str, Any], error: KafkaError, reason: str = "") -> None:
        super().__init__(error)
        self.reason = reason or _reason(error)
        self._where = client["bootstrap.servers"]

    def __str__(self) -> str:
        return (
            f"the broker at {self._where} does not answer ({self.reason}); start it (`make run`), "
            "or correct KAFKA_BOOTSTRAP_SERVERS"
        )


def silent(client: Mapping[str, Any], seconds: float) -> BrokerAwayError:
    """Return the error of a broker that has sent nothing for so many seconds."""
    return BrokerAwayError(client, KafkaError(KafkaError._TIMED_OUT), f"it has sent nothing for {seconds:.0f} s")  # noqa: SLF001


def check_credentials(client: Mapping[str, str], timeout: float = TIMEOUT) -> set[str]:
    """See that the broker takes us, and return the topics that it shows us.

    librdkafka itself tries for ever, and in the end says no more than that nobody answered.

    Args:
        client: librdkafka settings of the connection.
        timeout: Seconds the broker has to answer.

    Raises:
        AccessRefusedError: It refuses the user, or its certificate is not trusted.
        BrokerAwayError: No answer.
    """
    heard: list[KafkaError] = []
    settings: dict[str, Any] = {**client, "error_cb": heard.append, "log_level": 0}
    admin = AdminClient(settings)
    waited, step = 0.0, min(timeout, 1.0)
    while True:
        try:
            return set(admin.list_topics(timeout=step).topics)
        except KafkaException as error:
            admin.poll(0)
            waited += step
            if refusal := next((each for each in heard if each.code() in _CURES), None):
                raise _refused(client, refusal) from None
            if waited >= timeout:
                raise BrokerAwayError(client, error.args[0], _first_reason(heard)) from None


@contextmanager
def asking(client: Mapping[str, str], action: str) -> Iterator[None]:
    """Explain what Kafka's errors within the block mean.

    Args:
        client: librdkafka settings of the connection.
        action: What is tried, such as `read topic clickstream`.

    Raises:
        AccessRefusedError: The user may not.
        BrokerAwayError: No answer.
        KafkaException: Anything else.
    """
    try:
        yield
    except KafkaException as error:
        raise access_error(client, error.args[0], action) from None


def access_error(client: Mapping[str, str], error: KafkaError, action: str) -> Exception:
    """Return what an error of Kafka's means for a person: that access is refused, the broker away, or the error as it is.

    Args:
        client: librdkafka settings of the connection.
        error: What the broker said.
        action: What was tried, such as `read topic clickstream`.
    """
    if error.code() in _CURES:
        return _refused(client, error)
    if error.code() in _AWAY:
        return BrokerAwayError(client, error)
    if error.code() not in _FORBIDDEN:
        failed: Exception = KafkaException(error)
        return failed
    return AccessRefusedError(
        f"user {client.get('sasl.username', '')!r} may not {action} "
        f"at {client['bootstrap.servers']}; grant it (docs/security.md), or use another KAFKA_SASL_USERNAME"
    )


def _refused(client: Mapping[str, str], error: KafkaError) -> AccessRefusedError:
    whom = f" refuses user {client['sasl.username']!r}" if "sasl.username" in client else " refuses the connection"
    if error.code() == KafkaError._SSL:  # noqa: SLF001
        whom = ": no connection by TLS"
    return AccessRefusedError(
        f"Kafka at {client['bootstrap.servers']}{whom} ({_reason(error)}); {_CURES[error.code()]}"
    )


def _first_reason(heard: Sequence[KafkaError]) -> str:
    # The last is always that all brokers are down.
    return next((_reason(error) for error in heard if error.code() != KafkaError._ALL_BROKERS_DOWN), "")  # noqa: SLF001


def _reason(error: KafkaError) -> str:
    # sasl_ssl://127.0.0.1:9092/bootstrap: SASL authentication error: Authentication failed … (after 31ms in state …)
    return re.sub(r"^\S+/(bootstrap|-?\d+): ", "", error.str()).split(" (after ")[0]
