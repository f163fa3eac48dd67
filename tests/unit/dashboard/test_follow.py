"""What the one reader does when somebody is away; what it does with a real broker is tested in tests/integration."""

import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from confluent_kafka import KafkaError
from footfall_dashboard.live import follow
from footfall_dashboard.live.follow import Followed, Follower
from footfall_dashboard.live.intake import Intake
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.rows import REVENUE, STREAMS
from footfall_dashboard.live.store import Store
from footfall_schemas.registry import RegistryUnavailableError
from footfall_schemas.topics import Json, topic

from .test_intake import revenue
from support.panels import MOST, at

NAME = "x-revenue_per_minute"


class Message:
    """A message as librdkafka gives it."""

    def __init__(self, value: bytes | None = None, error: int | None = None) -> None:
        self._value, self._error = value, error

    def topic(self) -> str:
        return NAME

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 7

    def key(self) -> None:
        return None

    def value(self) -> bytes | None:
        return self._value

    def error(self) -> KafkaError | None:
        return None if self._error is None else KafkaError(self._error)


class Bench:
    """A reader whose registry can be away, and what its pages are told."""

    def __init__(self) -> None:
        self.live = Live(Store(MOST), ZoneInfo("UTC"), lambda: at("12:00"))
        self.away = 0
        self.silent: float | None = None
        self.told: list[str | None] = []
        self.follower = Follower(
            {"bootstrap.servers": "nowhere:9"},
            "x-",
            self.live,
            Intake(self.live, self._schema),
            silent_for=lambda: self.silent,
            tell=lambda: self.told.append(self.live.reading.trouble),
            checkpoint_interval=timedelta(seconds=1),
        )
        self.follower._followed = {NAME: Followed(REVENUE, "id", {0}, {0})}
        self.follower._missing = {"x-" + stream.topic for stream in STREAMS if stream is not REVENUE}

    def _schema(self, _: int) -> Json:
        if self.away:
            self.away -= 1
            raise RegistryUnavailableError("no answer")
        return topic("revenue_per_minute").schema

    def phase(self) -> str:
        return str(self.live.reading.phases["revenue_per_minute"])

    def settle(self, message: Message, stopping: threading.Event | None = None) -> None:
        self.follower._settle(message, stopping or threading.Event())
        self.follower._told_at = float("-inf")
        self.follower._tell_if_due()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(follow, "REGISTRY_PAUSE", 0.001)
    monkeypatch.setattr(follow, "TELL_EVERY", 0.0)
    return Bench()


def test_a_registry_that_is_away_is_waited_for_and_told_of(bench: Bench) -> None:
    bench.away = 3

    bench.settle(Message(revenue()))

    assert (
        bench.told[:-1]
        == ["The schema registry does not answer, so messages cannot be read; they wait until it does."] * 3
    )
    assert bench.told[-1] is None
    assert bench.live.store.sizes()["revenue_per_minute"] == 1


def test_whoever_waits_for_the_registry_can_be_stopped(bench: Bench) -> None:
    bench.away = 1_000_000
    stopping = threading.Event()
    stopping.set()

    bench.settle(Message(revenue()), stopping)

    assert bench.live.store.sizes()["revenue_per_minute"] == 0


def test_a_topic_is_followed_when_its_end_has_been_reached(bench: Bench) -> None:
    bench.settle(Message(revenue()))
    assert bench.phase() == "loading"
    assert bench.follower.status().detail == f"loading: {NAME}"

    bench.settle(Message(error=KafkaError._PARTITION_EOF))

    assert bench.phase() == "following"
    assert bench.follower.status().ok


def test_what_was_there_at_the_start_has_no_delay(bench: Bench) -> None:
    bench.settle(Message(revenue()))
    assert bench.live.store.of(REVENUE).delay is None

    bench.settle(Message(error=KafkaError._PARTITION_EOF))
    bench.settle(Message(revenue(window_end=at("11:02"), window_start=at("11:01"))))

    assert bench.live.store.of(REVENUE).delay is not None


def test_kafka_is_away_since_it_last_answered(bench: Bench) -> None:
    bench.silent = 30.0

    bench.settle(Message(error=KafkaError._TRANSPORT))

    away = bench.live.reading.away
    assert away is not None
    bench.settle(Message(error=KafkaError._TRANSPORT))
    assert bench.live.reading.away == away
    bench.silent = None
    bench.settle(Message(revenue()))
    assert bench.live.reading.away is None


def test_a_topic_that_we_may_not_read_is_told_of_with_the_cure(bench: Bench) -> None:
    bench.settle(Message(error=KafkaError.TOPIC_AUTHORIZATION_FAILED))

    assert "may not read topic x-revenue_per_minute" in bench.live.reading.refused["revenue_per_minute"]
    assert not bench.follower.status().ok
