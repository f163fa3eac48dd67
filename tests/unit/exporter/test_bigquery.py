"""BigQuery's types and statements, and what the adapter makes of its errors and of rows that it refuses."""
# ruff: noqa: ARG002  a stand-in takes what it is given

import random
from typing import Any

import pyarrow as pa
import pytest
from footfall_exporter.batch import Batch, NotOursError
from footfall_exporter.sink import GoneError, Life, SinkUnavailableError
from footfall_exporter.sinks.bigquery import GIVE_UP, BigQuerySink
from footfall_exporter.sinks.bigquery_client import RowsRefusedError, unavailable
from footfall_exporter.sinks.bigquery_progress import STREAM, Query
from footfall_exporter.sinks.bigquery_settings import BigQuerySettings
from footfall_exporter.sinks.bigquery_tables import Columns, additions, merge, missing, table_of
from footfall_exporter.streams import choose
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from support.exporting import some_row
from support.sink_conformance import batch_of

SESSIONS, REVENUE, LEVELS, METRICS = choose(["sessions", "revenue_per_minute", "stock_levels", "ecommerce_metrics"])


def types(columns: list[dict[str, Any]]) -> dict[str, str]:
    return {each["name"]: each["type"] for each in columns}


def test_money_is_numeric_where_that_holds_it_and_bignumeric_otherwise() -> None:
    described = types(Columns(REVENUE).described)
    assert described["revenue"] == "BIGNUMERIC"
    assert types(Columns(REVENUE, wide_as_text=True).described)["revenue"] == "STRING"
    assert Columns(REVENUE)._type(pa.decimal128(12, 2)) == "NUMERIC"
    assert Columns(REVENUE)._type(pa.decimal128(38, 9)) == "NUMERIC"
    assert Columns(REVENUE)._type(pa.decimal128(38, 8)) == "BIGNUMERIC"


def test_every_stream_has_columns_of_its_docs_and_a_key_to_be_clustered_by() -> None:
    for stream in choose(()):
        columns = Columns(stream)
        assert all(each["description"] for each in columns.described), stream.name
        assert len(columns.clustered) <= 4
        # BigQuery keeps these beginnings for itself.
        assert not [name for name in columns.names if name.upper().startswith(("_PARTITION", "_TABLE_", "_FILE_"))]


def test_the_stream_of_metrics_is_a_table_of_that_name() -> None:
    assert table_of(METRICS, "") == "ecommerce_metrics"
    assert table_of(METRICS, "shop_") == "shop_ecommerce_metrics"


def test_what_a_table_lacks_is_added_and_what_it_has_besides_stays() -> None:
    wanted = Columns(LEVELS).described
    there = [{"name": "old", "type": "STRING", "mode": "NULLABLE"}, *wanted[:-1]]
    grown = missing(there, wanted)
    assert [each["name"] for each in grown] == [each["name"] for each in (*there, wanted[-1])]
    assert additions("p.d.t", there, grown) == ["ALTER TABLE `p.d.t` ADD COLUMN IF NOT EXISTS `kafka_deleted` BOOL"]
    assert missing(grown, wanted) == []


def test_a_field_that_a_list_of_structs_lacks_is_added_within_it() -> None:
    inner = [{"name": "a", "type": "STRING", "mode": "NULLABLE"}]
    there = [{"name": "items", "type": "RECORD", "mode": "REPEATED", "fields": inner}]
    wanted = [there[0] | {"fields": [*inner, {"name": "b", "type": "INT64", "mode": "NULLABLE"}]}]
    assert missing(there, wanted) == wanted
    assert additions("p.d.t", there, wanted) == []
    assert additions("p.d.t", [], wanted) == [
        "ALTER TABLE `p.d.t` ADD COLUMN IF NOT EXISTS `items` ARRAY<STRUCT<`a` STRING, `b` INT64>>"
    ]


def test_of_an_append_stream_only_the_day_of_the_batch_is_read() -> None:
    batch = batch_of(SESSIONS, 5, [("", some_row(SESSIONS, random.Random(1)))], partition=3)
    statement = merge("t", "s", Columns(SESSIONS), batch, Columns(SESSIONS).described)
    assert (
        "ON t.kafka_partition = 3 AND t.kafka_day = DATE '2026-03-02' AND t.kafka_offset = s.kafka_offset" in statement
    )
    assert "WHEN MATCHED" not in statement


def test_a_column_that_an_older_version_does_not_know_is_emptied_with_the_rest_of_the_row() -> None:
    batch = batch_of(LEVELS, 5, [("a", some_row(LEVELS, random.Random(1)))])
    more = [{"name": "x", "mode": "NULLABLE", "type": "STRING"}, {"name": "y", "mode": "REPEATED", "type": "STRING"}]
    statement = merge("t", "s", Columns(LEVELS), batch, [*Columns(LEVELS).described, *more])
    assert "WHEN MATCHED AND s.kafka_offset > t.kafka_offset THEN UPDATE SET" in statement
    assert "`x` = NULL, `y` = []" in statement


@pytest.mark.parametrize(
    ("error", "says", "needs_action", "waits"),
    [
        (api.Forbidden("no", errors=[{"reason": "quotaExceeded"}]), "quota is used up", False, True),
        (api.Forbidden("no", errors=[{"reason": "rateLimitExceeded"}]), "quota is used up", False, True),
        (api.TooManyRequests("no"), "quota is used up", False, True),
        (api.Forbidden("no", errors=[{"reason": "accessDenied"}]), "GOOGLE_APPLICATION_CREDENTIALS", True, False),
        (api.Unauthorized("no"), "GOOGLE_APPLICATION_CREDENTIALS", True, False),
        (auth.DefaultCredentialsError("none"), "GOOGLE_APPLICATION_CREDENTIALS", True, False),
        (auth.RefreshError("expired"), "GOOGLE_APPLICATION_CREDENTIALS", True, False),
        (auth.TransportError("away"), "cannot be refreshed now", False, False),
        (api.InternalServerError("oops"), "does not answer", False, False),
        (api.ServiceUnavailable("oops"), "does not answer", False, False),
        (api.BadRequest("Value of type"), "columns of other types", True, False),
        (api.BadRequest("Could not serialize access to table"), "does not answer", False, False),
        (TimeoutError("slow"), "does not answer", False, False),
    ],
)
def test_an_error_says_whether_to_wait_or_to_act(error: Exception, says: str, needs_action: bool, waits: bool) -> None:  # noqa: FBT001
    found = unavailable(error)
    assert says in str(found)
    assert (found.needs_action, found.retry_after is not None) == (needs_action, waits)


class Store:
    """A dataset that refuses some offsets, and whose tables can go."""

    dataset = "p.d"

    def __init__(self, bad: set[int] | None = None) -> None:
        self.bad = bad or set()
        self.loaded: list[int] = []
        self.statements: list[str] = []
        self.generation = "one"
        self.changed = 1
        self.gone = False

    def columns(self, table: str) -> list[dict[str, Any]]:
        if self.gone:
            raise GoneError(table)
        return Columns(SESSIONS).described

    def staging(self, columns: Any) -> "Store":
        return self

    def __enter__(self) -> str:
        return "staging"

    def __exit__(self, *_: object) -> None: ...

    def load(self, name: str, columns: Any, rows: pa.Table) -> None:
        offsets = rows["kafka_offset"].to_pylist()
        if self.bad & set(offsets):
            raise RowsRefusedError("a value is out of range")
        self.loaded += offsets

    def run(self, query: Query) -> tuple[list[Any], int]:
        self.statements.append(query.sql)
        row = {"kafka_partition": STREAM, "topic_id": "t", "partitions": 1, "generation": self.generation}
        return ([row] if query.sql.startswith("SELECT") else []), self.changed


def sink_of(store: Store) -> BigQuerySink:
    return BigQuerySink(BigQuerySettings(), lambda _: store)  # type: ignore[arg-type, return-value]


def batch(rows: int) -> Batch:
    return batch_of(SESSIONS, 0, [("", some_row(SESSIONS, random.Random(seed))) for seed in range(rows)])


def test_rows_that_are_refused_are_found_by_halves_and_the_others_are_merged_at_once() -> None:
    store = Store({3, 8})
    outcome = sink_of(store).write(batch(10))
    assert [each.offset for each in outcome.refused] == [3, 8]
    assert all("a value is out of range" in each.reason for each in outcome.refused)
    assert sorted(store.loaded) == [0, 1, 2, 4, 5, 6, 7, 9]
    assert len([each for each in store.statements if "`p.d.staging`" in each]) == 1


def test_when_row_after_row_is_refused_the_fault_is_not_the_rows() -> None:
    store = Store(set(range(100)))
    with pytest.raises(SinkUnavailableError, match="row after row") as told:
        sink_of(store).write(batch(GIVE_UP + 4))
    assert told.value.needs_action
    assert not [each for each in store.statements if "MERGE" in each]


def test_a_table_that_is_gone_is_begun_anew() -> None:
    store = Store()
    sink = sink_of(store)
    store.gone = True
    with pytest.raises(NotOursError, match="from the topic's first row"):
        sink.write(batch(1))
    assert sink.life(SESSIONS) is None


def test_a_partition_that_goes_on_into_a_table_that_another_has_made_anew_begins_anew() -> None:
    store = Store()
    sink = sink_of(store)
    assert sink.life(SESSIONS) == Life("t", 1)
    assert sink.progress(SESSIONS, 0) == 0
    sink.write(batch(1))
    store.generation, store.changed = "two", 0
    with pytest.raises(NotOursError, match="was made anew"):
        sink.write(batch(1))
