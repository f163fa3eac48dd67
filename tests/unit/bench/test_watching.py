"""How late results can be read: over rows, and of the worst moment."""

from datetime import UTC, datetime, timedelta

from footfall_analytics.settings import AnalyticsSettings
from watching import Latency

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_worst_moment_is_that_of_the_latest_last_row() -> None:
    latency = Latency(AnalyticsSettings(watermark_delay=timedelta(seconds=5)), "event_counts", "window_end")
    for seconds, rows in ((0, (6.0, 7.0)), (60, (6.5, 6.5)), (120, (9.0, 8.0))):
        for after in rows:
            latency.note(NOON + timedelta(seconds=seconds), NOON.timestamp() + seconds + after)

    found = latency.summary()

    assert (found["rows"], found["moments"]) == (6, 3)
    assert found["worst_moment_seconds"] == 3.0
    assert found["p50_seconds"] == 1.75


def test_a_run_without_rows_has_no_percentiles() -> None:
    assert Latency(AnalyticsSettings(), "event_counts", "window_end").summary() == {"rows": 0}
