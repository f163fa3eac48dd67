"""How far a panel can be relied upon, in one sentence; and when it is drawn again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from footfall_dashboard.live.catalog import CATALOG
from footfall_dashboard.live.draw import DRAWINGS
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.rows import EVENTS, LOW_STOCK, REVENUE, STREAMS, VISITORS
from footfall_dashboard.live.state import Phase, Reading
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range

from support.panels import FOLLOWING, MOST, at, drawn, minute, progress, put
from support.repository import ROOT

NOW = at("12:00:10")
PHASES = dict(FOLLOWING.phases)


@pytest.fixture
def store() -> Store:
    store = Store(MOST)
    put(store, VISITORS, minute("11:58") | {"visitors": 4})
    return store


def judged(store: Store, panel: str = "visitors_per_minute", **reading: object) -> tuple[str, str | None, object]:
    found = drawn(store, panel, NOW, reading=Reading(**{"phases": PHASES} | reading)).judgement  # type: ignore[arg-type]
    return found.state, found.why, found.since


def test_a_panel_with_rows_is_live_and_says_nothing(store: Store) -> None:
    assert judged(store) == ("live", None, None)


def test_kafka_away_is_said_before_everything_else(store: Store) -> None:
    state, why, since = judged(store, away=at("11:59:30"), trouble="The registry is away.")

    assert (state, since) == ("stale", at("11:59:30"))
    assert why == "Kafka has not answered since 2026-03-02 11:59:30 UTC; the page goes on by itself when it does."


def test_a_registry_that_is_away_is_said(store: Store) -> None:
    assert judged(store, trouble="It is away.", trouble_since=NOW) == ("stale", "It is away.", NOW)


def test_a_topic_that_is_refused_is_said_on_its_panels_alone(store: Store) -> None:
    refused = {"unique_visitors": "user 'x' may not read topic unique_visitors; grant it"}

    assert judged(store, refused=refused)[:2] == ("stale", "user 'x' may not read topic unique_visitors; grant it.")
    assert judged(store, "payment_failures", refused=refused)[0] == "empty"


def test_until_everything_was_read_a_panel_is_loading(store: Store) -> None:
    loading = PHASES | {"unique_visitors": Phase.LOADING}

    assert judged(store, phases=loading)[:2] == ("loading", "Reading unique_visitors.")
    assert judged(store, phases={})[:2] == ("loading", "Reading unique_visitors.")


def test_a_topic_that_is_missing_is_named_with_the_cure(store: Store) -> None:
    missing = PHASES | {"payment_failures": Phase.MISSING, "active_visitors": Phase.MISSING}

    cure = "start analytics, and let ANALYTICS_VIEWS publish it."
    assert judged(store, "payment_failures", phases=missing)[:2] == (
        "empty",
        f"Kafka has no topic payment_failures: {cure}",
    )
    put(store, EVENTS, minute("11:58") | {"action": "page_view", "events": 1})
    state, why, _ = judged(store, "now", phases=missing)
    assert (state, why) == ("live", f"Not all of it: Kafka has no topic active_visitors: {cure}")


@pytest.mark.parametrize(("interval", "silence"), [(1, 60), (30, 90)])
def test_a_job_without_checkpoints_makes_its_panels_stale(store: Store, interval: int, silence: int) -> None:
    last = NOW - timedelta(seconds=silence)
    progress(store, at("11:59"), completed_at=last)
    assert judged(store, checkpoint_interval=timedelta(seconds=interval))[0] == "live"

    last -= timedelta(seconds=1)
    progress(store, at("11:59"), completed_at=last)

    state, why, since = judged(store, checkpoint_interval=timedelta(seconds=interval))
    assert (state, since) == ("stale", last)
    assert why == (
        f"Job footfall has completed no checkpoint since {last:%Y-%m-%d %H:%M:%S} UTC, so nothing new can come; "
        "`footfall status` says what is wrong."
    )


def test_of_two_jobs_each_speaks_for_its_own_panels(store: Store) -> None:
    progress(store, at("11:59"), completed_at=NOW)
    progress(store, at("11:50"), job="footfall-stock", completed_at=at("11:50"))
    put(store, LOW_STOCK, {"product_id": "p", "level": "low", "event_time": at("11:50")})

    assert judged(store)[0] == "live"
    assert judged(store, "low_stock")[0] == "stale"


def test_a_job_that_is_long_gone_is_not_waited_for(store: Store) -> None:
    progress(store, at("11:59"), completed_at=NOW)
    progress(store, at("11:59") - timedelta(days=2), job="old", completed_at=at("11:59") - timedelta(days=2))

    assert judged(store)[0] == "live"
    assert drawn(store, "money", NOW).final_until == at("11:59")


def test_without_progress_a_stream_that_says_nothing_for_long_is_stale(store: Store) -> None:
    assert judged(store, heard={"unique_visitors": NOW - timedelta(minutes=3)})[0] == "live"

    state, why, since = judged(store, heard={"unique_visitors": NOW - timedelta(minutes=4)})

    assert (state, since) == ("stale", NOW - timedelta(minutes=4))
    assert why == (
        "Nothing has been written to unique_visitors since 2026-03-02 11:56:10 UTC; `footfall status` says whether the "
        "analytics run."
    )


def test_the_past_is_not_stale(store: Store) -> None:
    progress(store, at("11:59"), completed_at=at("11:00"))

    found = drawn(store, "visitors_per_minute", NOW, asked=Range(at("11:50"), at("12:00")))

    assert found.judgement.state == "live"


@pytest.mark.parametrize(
    ("panel", "why"),
    [
        ("payment_failures", "No failed payment in the last hour."),
        ("unique_visitors_today", "No visitor today (UTC time)."),
        ("low_stock", "No product below its threshold yet."),
    ],
)
def test_an_empty_panel_says_what_there_is_none_of(store: Store, panel: str, why: str) -> None:
    assert judged(store, panel) == ("empty", why, None)


def test_while_a_job_catches_up_nothing_may_mean_not_yet(store: Store) -> None:
    progress(store, at("11:20"), completed_at=NOW)

    assert judged(store, "payment_failures")[:2] == (
        "empty",
        "No failed payment in the last hour as far as events have been read, which is up to 2026-03-02 11:20:00 UTC.",
    )


def test_before_the_first_result_a_panel_says_so() -> None:
    assert judged(Store(MOST), "now")[:2] == (
        "empty",
        "No event today (UTC time): no result has been computed so far.",
    )


def test_an_empty_range_is_said_to_be_one(store: Store) -> None:
    found = drawn(store, "money", NOW, asked=Range(at("01:00"), at("02:00"))).judgement

    assert (found.state, found.why) == ("empty", "No checkout and no refund in this range.")


def test_rows_that_the_bound_took_away_are_said_to_be_missing() -> None:
    store = Store(4)
    for clock in ("11:55", "11:56", "11:57", "11:58", "11:59"):
        put(store, VISITORS, minute(clock) | {"visitors": 1})

    state, why, _ = judged(store)

    assert (state, why) == (
        "live",
        "Not all of it: unique_visitors has more rows than DASHBOARD_MAX_ROWS, so the oldest are left out.",
    )


def test_a_range_that_begins_before_what_is_in_memory_says_so(store: Store) -> None:
    store.of(VISITORS).begin(at("11:30"))

    found = drawn(store, "visitors_per_minute", NOW, asked=Range(at("11:00"), at("12:00"))).judgement

    assert found.why == "Not all of it: rows before 2026-03-02 11:30:00 UTC are not in memory any more."


@pytest.fixture
def live(store: Store) -> Live:
    live = Live(store, ZoneInfo("UTC"), lambda: NOW)
    live.reading = FOLLOWING
    return live


def test_only_what_changed_is_drawn_again(live: Live) -> None:
    assert [panel.id for panel in live.changed()] == [info.id for info in CATALOG]
    assert live.changed() == []

    put(live.store, REVENUE, minute("11:58") | {"currency": "EUR"})

    assert {panel.id for panel in live.changed()} >= {"money", "revenue_and_profit"}
    assert live.changed() == []


def test_progress_within_a_minute_changes_nothing(live: Live) -> None:
    progress(live.store, at("11:59:01"), completed_at=NOW)
    live.changed()
    progress(live.store, at("11:59:02"), completed_at=NOW)

    assert live.changed() == []


def test_a_state_that_changes_is_told(live: Live) -> None:
    live.changed()
    live.reading = Reading(PHASES, away=NOW)

    assert {panel.judgement.state for panel in live.changed()} == {"stale"}


def test_rows_are_forgotten_after_49_hours(live: Live) -> None:
    put(live.store, VISITORS, {name: time - timedelta(hours=50) for name, time in minute("12:00").items()})

    live.changed()

    assert [each.window_start for each in live.store.all(VISITORS)] == [at("11:58")]


def test_every_panel_is_drawn_with_as_many_cells_as_it_has_columns(live: Live) -> None:
    assert list(DRAWINGS) == [info.id for info in CATALOG]
    assert [name for info in CATALOG for name in info.sql if not (ROOT / name).is_file()] == []
    topics = {stream.topic for stream in STREAMS}
    for info in CATALOG:
        assert set(info.topics) <= topics
        columns = {column.name for column in info.columns}
        assert {info.chart.x, *info.chart.y, *filter(None, [info.chart.series])} <= columns
        rows = live.draw(info.id, Range()).rows
        assert all(len(row) == len(info.columns) for row in rows)
