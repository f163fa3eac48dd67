"""What the generator says of servers that are away, and when it gives up."""

from datetime import timedelta
from threading import Event, Timer
from typing import NoReturn

import pytest
from confluent_kafka import KafkaError, KafkaException
from footfall_chassis import patience
from footfall_chassis.settings import ConnectionSettings
from footfall_generator.publish import connect
from footfall_schemas.access_errors import AccessRefusedError
from structlog.testing import capture_logs

AWAY = KafkaException(KafkaError(KafkaError._TRANSPORT, "connection refused"))


def prepare(monkeypatch: pytest.MonkeyPatch, error: Exception, *, timeout: float, stop: Event | None = None) -> str:
    """Return what is said in the end of a broker that answers so."""
    attempts = []

    def answer(*_: object) -> NoReturn:
        attempts.append(error)
        raise error

    monkeypatch.setattr(connect, "check_credentials", answer)
    monkeypatch.setattr(patience, "PAUSE", 0.02)
    with pytest.raises(connect.UnavailableError) as caught:
        connect.prepare(ConnectionSettings(), [], prefix="", timeout=timedelta(seconds=timeout), stop=stop or Event())
    return f"{len(attempts)} {caught.value}"


def test_a_broker_that_is_away_is_asked_until_time_is_up_and_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logs:
        said = prepare(monkeypatch, AWAY, timeout=0.2)

    text = "Kafka at localhost:9092 (KAFKA_BOOTSTRAP_SERVERS) did not answer: connection refused"
    assert said.endswith(text)
    assert int(said.split()[0]) > 1
    assert logs == [{"event": "waiting for an answer", "log_level": "warning", "reason": text, "seconds": 0.2}]


def test_a_stop_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = Event()
    Timer(0.1, stop.set).start()

    assert prepare(monkeypatch, AWAY, timeout=60, stop=stop).endswith("connection refused")


def test_whom_the_broker_refuses_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    assert prepare(monkeypatch, AccessRefusedError("ada may not"), timeout=60) == "1 ada may not"
