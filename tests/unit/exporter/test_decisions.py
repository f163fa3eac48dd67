"""When rows are written, how long a sink is left alone, which life a topic has, what can be set."""

from dataclasses import replace

import pytest
from footfall_chassis.settings import SettingsError
from footfall_exporter.backoff import FIRST, LONGEST, LONGEST_ASKED, UNTIL_ACTED, Backoff
from footfall_exporter.batch import Message
from footfall_exporter.held import DAY, Held, Limits
from footfall_exporter.lives import trouble
from footfall_exporter.settings import ExporterSettings
from footfall_exporter.sink import Life, SinkUnavailableError
from footfall_exporter.standing import Standing
from footfall_exporter.streams import choose
from footfall_schemas.topics import load_topics

LIMITS = Limits(rows=3, size=10_000, seconds=60, total=20_000)
SESSIONS, LEVELS = choose(["sessions", "stock_levels"])


def holding(*messages: Message, position: int = 0) -> Held:
    mine = Held(SESSIONS, 0, position)
    for message in messages:
        mine.add(message, now=0)
    return mine


def at(offset: int, time: int = 0, size: int = 1) -> Message:
    return Message(offset, time, b"k", b"x" * size)


def test_rows_are_written_by_number_by_size_and_by_time() -> None:
    assert not Held(SESSIONS, 0, 0).is_due(LIMITS, 1e9)
    assert not holding(at(0), at(1)).is_due(LIMITS, 59)
    assert holding(at(0)).is_due(LIMITS, 60)
    assert holding(at(0), at(1), at(2)).is_due(LIMITS, 0)
    assert holding(at(0, size=9_800)).is_due(LIMITS, 0)


def test_a_batch_is_of_one_day_and_not_longer_than_a_batch() -> None:
    mine = holding(at(0), at(1, DAY - 1), at(2, DAY))
    assert mine.is_due(LIMITS, 0)
    assert [each.offset for each in mine.next_messages(LIMITS)] == [0, 1]
    mine.settle(2, 1, now=5)
    assert ([each.offset for each in mine.messages], mine.position, mine.since) == ([2], 2, 5)
    assert mine.size == holding(at(2, DAY)).size
    assert len(holding(*map(at, range(5))).next_messages(LIMITS)) == 3


def test_what_does_not_lie_behind_all_others_is_not_held_and_is_told() -> None:
    mine = Held(SESSIONS, 0, 5)
    assert [mine.add(at(offset), now=0) for offset in (3, 5, 5, 4, 6)] == [False, True, False, False, True]
    assert [each.offset for each in mine.messages] == [5, 6]


def test_what_is_held_of_a_partition_that_goes_on_nowhere_is_written_at_once() -> None:
    mine = holding(at(0))
    mine.is_cut_off = True
    assert mine.is_due(LIMITS, 0)
    assert not Held(SESSIONS, 0, 0, is_cut_off=True).is_due(LIMITS, 0)


def test_lag_counts_what_is_not_confirmed_and_no_markers_at_the_end() -> None:
    mine = holding(at(7), position=5)
    assert mine.lag(12) == 7
    mine.settle(1, 7, now=0)
    mine.end = 12
    assert mine.lag(12) == 0
    assert mine.lag(20) == 8


def test_pauses_grow_to_a_bound_with_chance_in_them_and_begin_anew() -> None:
    now = [0.0]
    backoff = Backoff(clock=lambda: now[0], chance=lambda: 1.0)
    assert [backoff.fail("full") for _ in range(3)] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert not backoff.is_over
    now[0] = 4 * FIRST
    assert backoff.is_over
    assert max(backoff.fail("full") for _ in range(50)) == LONGEST
    backoff.succeed()
    assert backoff.is_over
    assert not backoff.reason
    assert Backoff(chance=lambda: 0.0).fail("full") == FIRST / 2


def test_a_sink_says_how_long_it_is_to_be_left_alone() -> None:
    backoff = Backoff(clock=lambda: 0.0, chance=lambda: 1.0)
    assert backoff.fail("throttled", retry_after=7) == 7
    # What it asks for is the least, and nobody can ask for ever.
    assert backoff.fail("throttled", retry_after=0.1) == 2 * FIRST
    assert backoff.fail("throttled", retry_after=1e9) == LONGEST_ASKED
    assert backoff.fail("throttled", retry_after=float("nan")) == 8 * FIRST


def test_what_waits_for_a_person_is_tried_rarely_and_said_first() -> None:
    now = [0.0]
    standing = Standing("store", [SESSIONS, LEVELS], backoff=lambda: Backoff(lambda: now[0], lambda: 0.0))
    standing.failed(SESSIONS, SinkUnavailableError("there is no room"))
    standing.failed(LEVELS, SinkUnavailableError("the password is refused: set STORE_PASSWORD", needs_action=True))
    assert standing.status().detail == (
        "store waits for somebody to act (tried again every 5 min, at once after a restart): "
        "stock_levels: the password is refused: set STORE_PASSWORD"
    )
    now[0] = UNTIL_ACTED - 1
    assert (standing.backoff(SESSIONS).is_over, standing.backoff(LEVELS).is_over) == (True, False)
    now[0] = UNTIL_ACTED
    assert standing.backoff(LEVELS).is_over
    standing.succeeded(LEVELS)
    assert standing.status().detail == "store does not take rows and is tried again: sessions: there is no room"


def test_another_life_of_a_topic_is_named_with_the_cure() -> None:
    life = Life("a", 4)
    assert trouble(LEVELS, None, life, "/x/stock_levels") == ""
    assert trouble(LEVELS, life, life, "/x/stock_levels") == ""
    anew = trouble(LEVELS, life, replace(life, topic_id="b"), "/x/stock_levels")
    assert "stock_levels was made anew" in anew
    assert "move /x/stock_levels away" in anew
    more = replace(life, partitions=8)
    assert "has 8 partitions instead of 4" in trouble(LEVELS, life, more, "/x/stock_levels")
    # Rows that are only added have no keys that could move.
    assert trouble(SESSIONS, life, more, "/x/sessions") == ""


def test_health_tells_what_keeps_a_sink_and_what_to_do() -> None:
    now = [0.0]
    standing = Standing(
        "parquet", [SESSIONS, LEVELS], backoff=lambda: Backoff(clock=lambda: now[0], chance=lambda: 1.0)
    )
    assert "waiting for sessions, stock_levels" in standing.status().detail
    for stream in (SESSIONS, LEVELS):
        standing.measured(stream, 0, None, waiting=False)
    assert standing.status().ok
    standing.failed(LEVELS, SinkUnavailableError("there is no room"))
    assert standing.status().detail == ("parquet does not take rows and is tried again: stock_levels: there is no room")
    standing.succeeded(LEVELS)
    standing.lost(SESSIONS, 3)
    assert standing.status().ok
    assert standing.status().caution
    standing.stop(LEVELS, "it was made anew")
    assert standing.status().detail == "stock_levels: it was made anew"
    assert not standing.status().ok
    standing.crashed("KeyError: x")
    assert "carries nothing" in standing.status().detail


def test_all_published_streams_are_exported_unless_told_and_unknown_ones_are_refused() -> None:
    assert {each.name for each in choose([])} == {topic.view for topic in load_topics().values() if topic.is_output}
    assert [each.name for each in choose(["related-products"])] == ["related_products"]
    with pytest.raises(ValueError, match="did you mean sessions"):
        choose(["sesions"])


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("EXPORTER_SINKS", "parket", "EXPORTER_SINKS: .*did you mean parquet"),
        ("EXPORTER_SINKS", "", "EXPORTER_SINKS: .*name a sink"),
        ("EXPORTER_PARQUET_STREAMS", "clickstream", "EXPORTER_PARQUET_STREAMS: .*no stream 'clickstream'"),
        ("EXPORTER_MEMORY_MIB", "1", "EXPORTER_MEMORY_MIB must not be less than EXPORTER_BATCH_MIB"),
        ("EXPORTER_SESSION_TIMEOUT", "5s", "EXPORTER_SESSION_TIMEOUT: .*a broker takes 6s to 30m"),
        ("EXPORTER_BATCH_TIM", "1s", "EXPORTER_BATCH_TIM"),
    ],
)
def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=said):
        ExporterSettings.load()


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTER_PARQUET_STREAMS", "sessions, related-products")
    monkeypatch.setenv("EXPORTER_PARQUET_URL", "memory://x")
    monkeypatch.setenv("EXPORTER_TOPIC_PREFIX", "test-")
    settings = ExporterSettings.load()
    assert [each.kafka_topic for each in settings.streams_of("parquet")] == ["test-sessions", "test-related-products"]
    assert settings.limits == Limits(100_000, 16 << 20, 60.0, 64 << 20)
