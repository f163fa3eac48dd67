"""No row is taken for one of another life of its topic, none is skipped silently, and a sink is left alone as it asks."""

import random
from collections.abc import Callable
from threading import Event
from typing import Self

import pytest
from confluent_kafka import KafkaError, TopicPartition
from footfall_chassis.health import CheckResult
from footfall_exporter.backoff import Backoff
from footfall_exporter.held import Limits
from footfall_exporter.pump import Pump
from footfall_exporter.sink import Life, Outcome, SinkUnavailableError
from footfall_exporter.standing import Standing
from footfall_exporter.streams import Stream, choose
from footfall_exporter.writing import Writer
from footfall_schemas.codec import encode

from support.exporting import some_row
from support.sinking import Consumer, Letters, Lives, Store, Topic

LEVELS, SESSIONS = choose(["stock_levels", "sessions"])
AT_ONCE = Limits(rows=1000, size=1_000_000, seconds=0, total=1_000_000)
LATER = Limits(rows=1000, size=1_000_000, seconds=1e9, total=1_000_000)


class Steps(Event):
    """Does one thing before each round of the pump, and then has it stop."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        super().__init__()
        self.steps = list(steps)

    def is_set(self) -> bool:
        if not self.steps:
            return True
        self.steps.pop(0)()
        return False


class Site:
    """An exporter of two streams in memory; `run` does one thing before each round."""

    def __init__(self, store: Store, limits: Limits = AT_ONCE) -> None:
        self.store = store
        self.now = 0.0
        self.topics = {stream.kafka_topic: Topic() for stream in (LEVELS, SESSIONS)}
        self.standing = Standing("store", [LEVELS, SESSIONS], backoff=lambda: Backoff(lambda: self.now, lambda: 1.0))
        self.letters = Letters()
        self.lives = Lives(self.topics)
        self.seen: list[str] = []
        self.consumer = Consumer(self.topics)
        self.pump = Pump(
            sink=store,
            streams=[LEVELS, SESSIONS],
            consumer=self.consumer,
            lives=self.lives,
            writer=Writer(store, self._schema, self.letters, self.standing),
            limits=limits,
            standing=self.standing,
        )

    def run(self, *steps: Callable[[], object]) -> None:
        # It takes two rounds to be given the partitions and to begin.
        self.pump.run(Steps(_nothing, _nothing, *steps))

    def status(self) -> CheckResult:
        """Return how the sink stands once it was measured."""
        for stream in (LEVELS, SESSIONS):
            self.standing.measured(stream, 0, None, waiting=False)
        return self.standing.status()

    def hide_lives(self) -> Self:
        """Have nobody tell which life a topic has; messages come all the same."""
        self.lives.topics = {}
        return self

    def show_lives(self) -> None:
        """Have it told again."""
        self.lives.topics = self.topics

    def look_again(self) -> Self:
        """Make it time to look at the topics' lives though nothing is to be written."""
        self.pump._checked_at = self.pump._measured_at = float("-inf")
        return self

    def add(self, stream: Stream, number: int) -> Self:
        chance = random.Random(1)
        schema_id = 1 if stream is LEVELS else 2
        self.topics[stream.kafka_topic].rows += [
            (b"k%d" % index, encode(schema_id, stream.topic.schema, some_row(stream, chance)))
            for index in range(number)
        ]
        return self

    def make_anew(self, stream: Stream) -> Self:
        self.topics[stream.kafka_topic].topic_id = "b"
        self.topics[stream.kafka_topic].rows.clear()
        return self

    def delete(self, stream: Stream, below: int) -> Self:
        self.topics[stream.kafka_topic].low = below
        return self

    @staticmethod
    def _schema(schema_id: int) -> dict[str, object]:
        return (LEVELS if schema_id == 1 else SESSIONS).topic.schema


def _nothing() -> None: ...


@pytest.mark.parametrize("rows", [0, 3, 5, 9])
def test_rows_of_a_topic_made_anew_while_it_is_read_never_reach_the_sink(rows: int) -> None:
    site = Site(Store())
    site.run(
        lambda: site.add(LEVELS, 5).add(SESSIONS, 5),
        lambda: site.make_anew(LEVELS).add(LEVELS, rows).add(SESSIONS, 2),
        _nothing,
        _nothing,
    )
    assert site.store.offsets(LEVELS) == list(range(5))
    assert site.store.offsets(SESSIONS) == list(range(7))
    assert "stock_levels was made anew" in site.status().detail
    assert "move here/stock_levels away" in site.status().detail


def test_rows_read_after_a_topic_was_made_anew_are_not_written_with_those_read_before() -> None:
    site = Site(Store(), LATER)
    site.run(
        lambda: site.add(LEVELS, 5),
        lambda: site.make_anew(LEVELS).add(LEVELS, 9),
        site.look_again,
    )
    assert site.store.batches == []
    assert site.standing.is_stopped(LEVELS)


def test_more_partitions_stop_an_upsert_stream_that_is_being_read_and_no_append_stream() -> None:
    site = Site(Store())

    def grow() -> None:
        for topic in site.topics.values():
            topic.partitions = 2

    site.run(
        lambda: site.add(LEVELS, 5).add(SESSIONS, 5),
        grow,
        lambda: site.add(LEVELS, 2).add(SESSIONS, 2),
        _nothing,
    )
    assert (site.store.offsets(LEVELS), site.store.offsets(SESSIONS)) == (list(range(5)), list(range(7)))
    assert "has 2 partitions instead of 1" in site.status().detail


def test_what_nobody_can_tell_the_life_of_is_not_written_and_waits() -> None:
    site = Site(Store())
    site.run(
        lambda: site.add(LEVELS, 5).hide_lives(),
        lambda: site.seen.append(site.status().detail),
        site.show_lives,
        lambda: setattr(site, "now", 1.0),
        _nothing,
    )
    assert "stock_levels: Kafka does not say which life topic stock_levels has: Broker: Unknown topic" in site.seen[0]
    assert len(site.store.batches) == 1
    assert site.store.offsets(LEVELS) == list(range(5))
    assert site.status().ok


def test_a_kafka_that_does_not_answer_while_nothing_is_to_be_written_is_no_failure_of_the_sink() -> None:
    site = Site(Store())
    site.run(
        lambda: site.add(LEVELS, 2),
        lambda: site.hide_lives().look_again(),
        site.show_lives,
        lambda: site.add(LEVELS, 2),
        _nothing,
    )
    assert site.store.offsets(LEVELS) == [0, 1, 2, 3]
    assert site.status().ok


def test_a_group_that_may_not_be_joined_is_told() -> None:
    site = Site(Store())
    site.run(lambda: site.consumer.errors.append(KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)))
    assert site.status().detail.startswith("Kafka says: sessions: Broker: Group authorization failed")


def test_what_failed_in_a_partition_that_another_instance_has_now_keeps_no_other_partition() -> None:
    site = Site(Store(SinkUnavailableError("away")))
    site.run(
        lambda: site.add(LEVELS, 1),
        lambda: site.pump._revoked(site.consumer, [TopicPartition(LEVELS.kafka_topic, 0)]),
        site.look_again,
        _nothing,
    )
    assert site.standing.backoff(LEVELS).reason == ""


def test_rows_that_kafka_deletes_while_a_sink_is_away_are_counted_once_and_the_rest_goes_on() -> None:
    away = SinkUnavailableError("away")
    site = Site(Store(away, away))
    site.run(
        lambda: site.add(SESSIONS, 5).add(LEVELS, 1),
        # Those held are still written when the sink is back; rows 5 to 7 are gone.
        lambda: site.add(SESSIONS, 6).delete(SESSIONS, 8),
        lambda: setattr(site, "now", 1e6),
        *[_nothing] * 4,
    )
    assert site.store.offsets(SESSIONS) == [0, 1, 2, 3, 4, 8, 9, 10]
    assert "deleted before they were exported: {'sessions': 3}" in site.status().detail
    assert site.status().caution


def test_what_kafka_deletes_before_a_sink_has_anything_is_counted_if_it_was_being_read() -> None:
    site = Site(Store())
    site.run(
        lambda: site.add(LEVELS, 1),
        lambda: site.add(SESSIONS, 6).delete(SESSIONS, 4),
        *[_nothing] * 3,
    )
    assert site.store.offsets(SESSIONS) == [4, 5]
    assert "{'sessions': 4}" in site.status().detail


def test_rows_from_before_its_first_export_are_not_missed() -> None:
    site = Site(Store())
    site.add(SESSIONS, 6)
    site.delete(SESSIONS, 4)
    site.run(_nothing, _nothing)
    assert site.store.offsets(SESSIONS) == [4, 5]
    assert not site.status().caution


def test_an_outage_of_an_hour_loses_nothing_and_other_streams_go_on() -> None:
    site = Site(Store())
    attempts: list[float] = []

    def write(batch: object, write: Callable[..., Outcome] = site.store.write) -> Outcome:
        if getattr(batch, "stream", None) is LEVELS and site.now < 3600:
            attempts.append(site.now)
            raise SinkUnavailableError("away")
        return write(batch)

    site.store.write = write  # type: ignore[method-assign]

    def later() -> None:
        site.now += 15
        site.add(SESSIONS, 1)
        if site.now % 600 == 0:
            site.add(LEVELS, 1)

    site.add(LEVELS, 4)
    site.run(*[later] * 244)
    assert site.store.offsets(LEVELS) == list(range(10))
    assert site.store.offsets(SESSIONS) == list(range(244))
    assert 3600 / 36 < len(attempts) < 3600 / 29 + 10
    assert site.status().ok


def test_a_sink_that_asks_for_a_pause_is_left_alone_for_so_long() -> None:
    site = Site(Store(SinkUnavailableError("429", retry_after=100)))
    site.add(LEVELS, 1)
    site.run(lambda: setattr(site, "now", 99), lambda: setattr(site, "now", 100), _nothing)
    assert site.store.offsets(LEVELS) == [0]
    held: Life | None = site.store.life(LEVELS)
    assert held == Life("a", 1)
