"""What the generator asks the broker before it begins."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest
from confluent_kafka import KafkaError, KafkaException
from footfall_chassis.settings import ConnectionSettings
from footfall_generator.publish import connect
from footfall_generator.publish.connect import UnavailableError, record_count

PASSING = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE)


def failing(codes: list[int]) -> Callable[..., int]:
    def count(*_: object) -> int:
        if codes:
            raise KafkaException(KafkaError(codes.pop(0)))
        return 7

    return count


def test_a_topic_that_has_no_leader_yet_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "_count", failing(list(PASSING)))

    assert record_count(ConnectionSettings(), ["t"], timeout=timedelta(seconds=30), stop=Event()) == 7


def test_one_that_never_gets_one_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "_count", failing([KafkaError.NOT_LEADER_FOR_PARTITION] * 100))

    with pytest.raises(UnavailableError, match=r"Kafka at .* did not answer: "):
        record_count(ConnectionSettings(), ["t"], timeout=timedelta(milliseconds=1), stop=Event())
