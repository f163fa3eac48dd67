"""ClickHouse's types and statements, and what the adapter makes of its answers."""

import random
from collections.abc import Callable

import httpx
import pyarrow as pa
import pytest
from footfall_exporter.batch import NotOursError
from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.sinks.clickhouse import (
    ClickHouseSettings,
    ClickHouseSink,
    columns_of,
    insert,
    out_of_time,
    quoted,
    table_of,
)
from footfall_exporter.streams import choose

from support.exporting import some_row
from support.sink_conformance import batch_of

SESSIONS, LEVELS, REVENUE = choose(["sessions", "stock_levels", "revenue_per_minute"])
LATE = 10_413_792_000_000
"""The first day of 2300, in epoch milliseconds."""


def sink_of(answer: Callable[[httpx.Request], httpx.Response]) -> ClickHouseSink:
    return ClickHouseSink(ClickHouseSettings(), httpx.MockTransport(answer))


def test_of_an_upsert_stream_the_greatest_offset_of_a_key_stays_deletions_too() -> None:
    statement = table_of(LEVELS, "t")
    assert "ENGINE = ReplacingMergeTree(kafka_offset, kafka_deleted) ORDER BY kafka_key" in statement
    assert "ENGINE = ReplacingMergeTree(kafka_offset) ORDER BY (kafka_partition, kafka_offset)" in table_of(
        SESSIONS, "t"
    )


def test_amounts_keep_their_digits_and_every_column_has_its_doc() -> None:
    assert columns_of(REVENUE)["revenue"][0] == "Nullable(Decimal(38, 6))"
    for stream in choose(()):
        assert all(doc for _, doc in columns_of(stream).values()), stream.name


def test_a_batch_has_a_token_of_its_own() -> None:
    rows = [("", some_row(SESSIONS, random.Random(seed))) for seed in range(3)]
    whole = insert(batch_of(SESSIONS, 7, rows, partition=2), "t")
    assert "insert_deduplication_token = 'sessions-2-7-9-3'" in whole
    assert insert(batch_of(SESSIONS, 7, rows[:2], partition=2), "t") != whole


def test_a_literal_says_what_it_is_told() -> None:
    assert quoted("it's \\ all") == r"'it\'s \\ all'"


def test_a_time_that_cannot_be_said_is_refused_alone() -> None:
    batch = batch_of(LEVELS, 5, [(key, some_row(LEVELS, random.Random(1))) for key in "ab"])
    (time,) = (each.name for each in LEVELS.columns if pa.types.is_timestamp(each.type))
    column = pa.array([LATE, 0], pa.int64()).view(pa.timestamp("ms", "UTC"))
    rows = batch.rows.set_column(batch.rows.schema.get_field_index(time), batch.rows.schema.field(time), column)
    assert [each.offset for each in out_of_time(type(batch)(**{**vars(batch), "rows": rows}))] == [5]


@pytest.mark.parametrize(
    ("status", "code", "says", "needs_action"),
    [
        (403, "516", "EXPORTER_CLICKHOUSE_PASSWORD", True),
        (403, "497", "EXPORTER_CLICKHOUSE_PASSWORD", True),
        (500, "252", "answers 500: too many parts", False),
        (503, "", "answers 503", False),
    ],
)
def test_an_answer_says_whether_to_wait_or_to_act(status: int, code: str, says: str, needs_action: bool) -> None:  # noqa: FBT001
    headers = {"X-ClickHouse-Exception-Code": code}
    sink = sink_of(lambda _: httpx.Response(status, headers=headers, text="too many parts"))
    with pytest.raises(SinkUnavailableError, match=says) as told:
        sink.prepare(LEVELS)
    assert told.value.needs_action is needs_action


def test_one_that_is_away_is_waited_for() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(SinkUnavailableError, match="does not answer: refused"):
        sink_of(away).prepare(LEVELS)


def test_a_table_that_was_made_anew_meanwhile_is_written_from_the_topics_first_row() -> None:
    uuids = iter(["one", "two"])

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        return httpx.Response(200, json={"uuid": next(uuids)} if "system.tables" in query else None)

    batch = batch_of(LEVELS, 0, [("a", some_row(LEVELS, random.Random(1)))])
    with pytest.raises(NotOursError, match="was made anew"):
        sink_of(answer).write(batch)
