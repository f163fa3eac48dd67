"""Every stream's rows go into Arrow's columns and come back the same, exactly."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from footfall_exporter.batch import Message
from footfall_exporter.columns import UnfitValueError, column
from footfall_exporter.decoding import Decoder
from footfall_exporter.streams import Stream, choose
from footfall_exporter.types import UnsupportedTypeError, type_of
from footfall_exporter.vectors import UnusualError, read_columns
from footfall_schemas.codec import decode, encode
from footfall_schemas.topics import Json
from hypothesis import given
from hypothesis import strategies as st

from support.exporting import some_row

STREAMS = choose(())


def messages(stream: Stream, rows: list[Json], schema: Json | None = None) -> list[Message]:
    return [Message(offset, 0, b"k", encode(1, schema or stream.topic.schema, row)) for offset, row in enumerate(rows)]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_rows_are_what_the_contract_reads(stream: Stream) -> None:
    chance = random.Random(1)
    given = messages(stream, [some_row(stream, chance) for _ in range(50)])
    decoded = Decoder(stream, lambda _: stream.topic.schema).decode(given)
    assert decoded.refused == []
    wanted = [decode(each.value or b"", stream.topic.schema, stream.topic.reader) for each in given]
    assert [dict(row) for row in decoded.rows.to_pylist()] == wanted


def test_types_are_exact_and_docs_go_along() -> None:
    (stream,) = choose(["revenue_per_minute"])
    revenue = stream.columns.field("revenue")
    assert str(revenue.type).startswith("decimal128(38, ")
    assert str(stream.columns.field("window_start").type) == "timestamp[ms, tz=UTC]"
    assert revenue.metadata[b"doc"]
    assert not revenue.nullable
    assert choose(["stock_levels"])[0].columns.field("level").nullable


def test_a_column_that_the_writer_does_not_know_has_its_default() -> None:
    (stream,) = choose(["attributed_checkouts"])
    older = stream.topic.schema | {"fields": [each for each in stream.topic.schema["fields"] if "default" not in each]}
    assert older["fields"] != stream.topic.schema["fields"]
    row = some_row(stream, random.Random(2))
    (given,) = messages(stream, [{each["name"]: row[each["name"]] for each in older["fields"]}], older)
    decoded = Decoder(stream, lambda _: older).decode([given])
    assert decoded.rows.to_pylist() == [decode(given.value or b"", older, stream.topic.reader)]


def test_a_schema_as_the_registry_returns_it_is_the_readers_own() -> None:
    (stream,) = choose(["stock_levels"])
    decoder = Decoder(stream, lambda _: stream.topic.reader | {"footfall.references": [], "name": "Other"})
    assert decoder._is_ours(1)


def test_a_scale_that_is_not_the_readers_is_never_taken_for_it() -> None:
    (stream,) = choose(["revenue_per_minute"])
    text = json.dumps(stream.topic.schema)
    other = json.loads(text.replace('"scale": 6', '"scale": 4'))
    assert other != stream.topic.schema
    given = Message(
        0, 0, b"k", encode(1, other, some_row(Stream(replace(stream.topic, schema=other)), random.Random(1)))
    )
    decoded = Decoder(stream, lambda _: other).decode([given])
    assert decoded.rows.to_pylist() == [decode(given.value or b"", other, stream.topic.reader)]


@pytest.mark.parametrize("name", ["revenue_by_category", "attributed_checkouts", "stock_levels", "conversion_rates"])
@given(data=st.data())
def test_what_is_read_all_at_once_is_what_the_contract_reads_or_is_left_to_it(name: str, data: st.DataObject) -> None:
    (stream,) = choose([name])
    chance = random.Random(data.draw(st.integers()))
    values = [encode(1, stream.topic.schema, some_row(stream, chance)) for _ in range(3)]
    spoilt = bytearray(values[1])
    spoilt[data.draw(st.integers(5, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    values[1] = bytes(spoilt)
    try:
        columns = read_columns(stream.topic.schema, values)
    except UnusualError:
        return
    rows = pa.Table.from_arrays(columns, schema=stream.columns).to_pylist()
    read = [decode(value, stream.topic.schema, stream.topic.reader) for value in values]
    assert _comparable(rows) == _comparable(read)


def _comparable(rows: list[Any]) -> list[dict[str, Any]]:
    """Return rows in which what is no number equals itself."""
    return [{name: "NaN" if value != value else value for name, value in row.items()} for row in rows]  # noqa: PLR0124


def test_one_bad_message_spoils_no_other() -> None:
    (stream,) = choose(["sessions"])
    chance = random.Random(3)
    good = messages(stream, [some_row(stream, chance) for _ in range(3)])
    longer = good[1]._replace(value=(good[1].value or b"") + b"x")
    given = [good[0], longer, good[2]._replace(value=None), Message(9, 0, b"k", b"no"), good[2]]
    decoded = Decoder(stream, lambda _: stream.topic.schema).decode(given)
    assert [each.offset for each in decoded.messages] == [0, 2]
    assert [each.offset for each in decoded.refused] == [1, 2, 9]
    assert "1 bytes after the record" in decoded.refused[0].reason
    assert "tombstone" in decoded.refused[1].reason


def test_a_tombstone_is_a_row_of_nulls_in_an_upsert_stream() -> None:
    (stream,) = choose(["top_categories"])
    decoded = Decoder(stream, lambda _: stream.topic.schema).decode([Message(1, 0, b"k", None)])
    assert decoded.rows.to_pylist() == [dict.fromkeys(stream.columns.names)]
    bad = Decoder(stream, lambda _: stream.topic.schema).decode(
        [Message(1, 0, b"\xff", None), Message(2, 0, None, None)]
    )
    assert [each.reason for each in bad.refused] == ["its key is no UTF-8 text", "it has no key"]


def test_a_number_with_too_many_digits_is_refused() -> None:
    type_ = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
    fits = [(9999).to_bytes(3, "big", signed=True), None, (-1).to_bytes(1, "big", signed=True)]
    assert column(["null", type_], fits).to_pylist() == [Decimal("99.99"), None, Decimal("-0.01")]
    with pytest.raises(UnfitValueError, match="more than the 4 digits"):
        column(type_, [(10000).to_bytes(3, "big", signed=True)])


def test_a_type_without_a_column_is_named() -> None:
    with pytest.raises(UnsupportedTypeError, match="map"):
        type_of({"type": "map", "values": "int"})
    with pytest.raises(UnsupportedTypeError, match="union"):
        type_of(["int", "string"])
