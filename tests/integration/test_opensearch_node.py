"""On a real node, OpenSearch does what every sink must, and each chart gets its points."""

import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.streams import choose
from footfall_schemas.topics import Json
from footfall_stack.testing import running_stack

from support.charts import charts, points, query
from support.exporting import some_row
from support.searching import Indices
from support.sink_conformance import TODAY, SinkConformance, Store, batch_of, begun, write

pytestmark = [pytest.mark.stack, pytest.mark.sinks, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A node of its own; that of FOOTFALL_TEST_OPENSEARCH if it is set."""
    if known := os.environ.get("FOOTFALL_TEST_OPENSEARCH"):
        yield known
        return
    with running_stack(tmp_path_factory.mktemp("search"), ["opensearch"]) as stack:
        yield stack.env["EXPORTER_OPENSEARCH_URL"]


class TestOpenSearch(SinkConformance):
    @pytest.fixture
    def store(self, node: str) -> Iterator[Store]:
        indices = Indices(node, "conformance-")
        yield indices
        indices.clear()


def test_an_index_that_somebody_deleted_is_not_made_anew_by_what_is_written(node: str) -> None:
    (levels,) = choose(["stock_levels"])
    indices = Indices(node, "deleted-")
    sink = begun(indices, levels)
    given: list[tuple[str, Json | None]] = [("a", some_row(levels, random.Random(1)))]
    write(sink, batch_of(levels, 0, given))
    indices.clear()
    outcome = sink.write(batch_of(levels, 1, given))
    with pytest.raises(SinkUnavailableError, match="restart the exporter"):
        sink.write(batch_of(levels, 1, given).only([]))
    sink.close()
    assert outcome.again == [0]
    assert "restart the exporter" in outcome.why
    assert indices.ask("GET", "deleted-*") == {}


def test_a_full_disk_keeps_rows_waiting_with_the_reason_and_they_are_taken_when_there_is_room(node: str) -> None:
    (levels,) = choose(["stock_levels"])
    indices = Indices(node, "full-")
    row = some_row(levels, random.Random(1))
    try:
        sink = begun(indices, levels)
        # What a cluster does to its indices when a disk is nearly full.
        indices.ask("PUT", "full-stock_levels-rows/_settings", {"index.blocks.read_only_allow_delete": True})
        outcome = sink.write(batch_of(levels, 0, [("a", row)]))
        assert (outcome.refused, outcome.again) == ([], [0])
        assert "read-only-allow-delete" in outcome.why
        assert sink.progress(levels, 0) == 0
        indices.ask("PUT", "full-stock_levels-rows/_settings", {"index.blocks.read_only_allow_delete": None})
        write(sink, batch_of(levels, 0, [("a", row)]))
        sink.close()
        assert indices.rows(levels) == [row]
    finally:
        indices.clear()


def test_a_deletion_holds_though_the_cluster_forgets_its_own_at_once(node: str) -> None:
    (levels,) = choose(["stock_levels"])
    indices = Indices(node, "kept-")
    old = batch_of(levels, 0, [("a", some_row(levels, random.Random(1)))])
    try:
        sink = begun(indices, levels)
        indices.ask("PUT", "kept-stock_levels-rows/_settings", {"index.gc_deletes": "0s"})
        write(sink, old)
        write(sink, batch_of(levels, 1, [("a", None)]))
        indices.ask("POST", "kept-stock_levels-rows/_flush")
        time.sleep(1)
        write(sink, old)
        sink.close()
        assert indices.rows(levels) == []
    finally:
        indices.clear()


def test_deletions_of_long_ago_are_forgotten_and_rows_are_not(node: str) -> None:
    (levels,) = choose(["stock_levels"])
    indices = Indices(node, "old-")
    row = some_row(levels, random.Random(1))
    try:
        sink = begun(indices, levels)
        write(sink, batch_of(levels, 0, [("a", row), ("b", None)], time=TODAY))
        write(sink, batch_of(levels, 2, [("c", None)], time=int(time.time() * 1000)))
        sink.prepare(levels)
        sink.close()
        left = {hit["_id"] for hit in indices.hits(levels, everything=True)}
    finally:
        indices.clear()
    assert left == {"a", "c", "_exporter:progress:0"}


MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _window(start: datetime, minutes: int) -> Json:
    return {"window_start": start, "window_end": start + timedelta(minutes=minutes), "date": start.date()}


def test_each_chart_gets_its_points(node: str) -> None:
    volume, visitors, categories = choose(["trading_volume", "cumulative_visitors", "top_categories"])
    hours = [_window(MORNING + timedelta(hours=n), 60) | {"hour": 8 + n, "purchases": 10 + n} for n in range(3)]
    slots = [_window(MORNING + timedelta(minutes=10 * n), 10) | {"visitors": 5 * (n + 1)} for n in range(3)]
    ranks: list[tuple[str, Json | None]] = [
        ("mugs", {"category": "mugs", "purchases": 3}),
        ("tea", {"category": "tea", "purchases": 9}),
        ("mugs", {"category": "mugs", "purchases": 11}),
        ("gone", {"category": "gone", "purchases": 99}),
        ("gone", None),
    ]
    indices = Indices(node, "footfall-")
    try:
        for stream, given in (
            (volume, [("", row) for row in hours]),
            (visitors, [("", row) for row in slots]),
            (categories, ranks),
        ):
            sink = begun(indices, stream)
            write(sink, batch_of(stream, 0, given))
            sink.close()

        found = {
            title: points(chart, indices.ask("POST", f"{chart['index']}/_search", query(chart)))
            for title, chart in charts().items()
        }
    finally:
        indices.clear()

    assert found == {
        "Hourly Trading Volume": [(f"2026-03-02T{8 + n:02}:00:00.000Z", 10.0 + n) for n in range(3)],
        "Unique Visitors": [(f"2026-03-02T08:{10 * n:02}:00.000Z", 5.0 * (n + 1)) for n in range(3)],
        "Top Categories": [("mugs", 11.0), ("tea", 9.0)],
    }
