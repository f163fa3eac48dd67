"""Readiness follows Kafka, and an outage is one line a minute."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog
from footfall_chassis import kafka_watch
from footfall_chassis.kafka_watch import AWAY_AFTER, KafkaWatch
from footfall_chassis.sparing import Sparing

from support.logged import lines, logged


class Kafka:
    """A broker and a clock, both moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.away = False

    def ask(self) -> None:
        if self.away:
            raise RuntimeError("_TRANSPORT")

    def clock(self) -> float:
        return self.now


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> Kafka:
    kafka = Kafka()
    sparing = Sparing(("aiokafka",), ("send failed",), kafka.clock)
    monkeypatch.setattr(kafka_watch, "SPARING", sparing)
    monkeypatch.setattr("footfall_chassis.logging.SPARING", sparing)
    return kafka


@pytest.fixture
def out(kafka: Kafka) -> Iterator[io.StringIO]:
    with logged() as stream:
        yield stream


def test_an_outage_makes_a_service_unready_within_ten_seconds_and_its_end_ready(kafka: Kafka) -> None:
    watch = KafkaWatch(kafka.ask, kafka.clock)
    watch.look()
    kafka.away = True
    # One question is answered just before, the next takes its whole time.
    kafka.now += 5
    watch.look()
    assert watch.status().ok
    kafka.now += 5
    watch.look()

    assert not watch.status().ok
    assert watch.status().detail == "Kafka has not answered for 10 s"

    kafka.away = False
    watch.look()
    assert watch.status().ok


def test_a_question_that_hangs_counts_as_no_answer(kafka: Kafka) -> None:
    watch = KafkaWatch(kafka.ask, kafka.clock)
    kafka.now += AWAY_AFTER

    assert not watch.status().ok


def test_an_outage_is_one_line_a_minute_and_one_at_its_end(kafka: Kafka, out: io.StringIO) -> None:
    watch = KafkaWatch(kafka.ask, kafka.clock)
    kafka.away = True
    for _ in range(125):
        kafka.now += 1
        watch.look()
        for _ in range(10):
            logging.getLogger("aiokafka.client").error("Unable connect to node %s", 1)
            structlog.get_logger("footfall_chassis.faust_app").warning("send failed", topic="t")
    kafka.away = False
    watch.look()

    found = lines(out)
    assert [line["event"] for line in found] == [
        "Unable connect to node 1",
        "send failed",
        "kafka does not answer",
        "kafka does not answer",
        "kafka answers again",
    ]
    assert sum(line.get("lines_left_out", 0) for line in found) == 2 * 1250 - 2


def test_a_line_of_a_kind_passes_once_a_minute_and_others_always(kafka: Kafka, out: io.StringIO) -> None:
    client, ours = logging.getLogger("aiokafka.client"), structlog.get_logger("footfall_example")
    for _ in range(3):
        client.warning("slow %s", kafka.now)
        ours.warning("dead letter")
        kafka.now += 31

    assert [line["event"] for line in lines(out)] == [
        "slow 100.0",
        "dead letter",
        "dead letter",
        "slow 162.0",
        "dead letter",
    ]
