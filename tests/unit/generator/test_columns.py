import io
from decimal import Decimal
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pytest
from footfall_generator.encode.columns import (
    LayoutError,
    byte_matrix,
    check_layout,
    decimals,
    dictionary,
    encode_fields,
    fixed,
    hex_digits,
    join,
    millis,
    objects,
    strings,
    take,
    varints,
)
from footfall_schemas.topics import topic
from hypothesis import given, settings
from hypothesis import strategies as st

LONGS = st.integers(-(2**63), 2**63 - 1)
ENCODABLE_TIMES = st.integers(1 << 34, (1 << 41) - 1)


def _fastavro(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


@settings(max_examples=50)
@given(st.lists(LONGS, min_size=1))
def test_varints_are_avro_longs(numbers: list[int]) -> None:
    encoded = objects(varints(np.array(numbers, dtype=np.int64))).tolist()

    assert [_fastavro("long", number) for number in numbers] == encoded


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 2**63 - 1) | st.sampled_from([0, 127, 128, 32_767, 32_768, 2**31, 10**12 - 1]), min_size=1)
)
def test_decimals_are_avro_decimals(cents: list[int]) -> None:
    schema = {"type": "bytes", "logicalType": "decimal", "precision": 21, "scale": 2}

    encoded = objects(decimals(np.array(cents, dtype=np.int64))).tolist()

    assert [_fastavro(schema, Decimal(number).scaleb(-2)) for number in cents] == encoded


@settings(max_examples=50)
@given(st.lists(ENCODABLE_TIMES, min_size=1))
def test_times_are_avro_longs(times: list[int]) -> None:
    encoded = objects(fixed(millis(np.array(times, dtype=np.int64)))).tolist()

    assert [_fastavro("long", time) for time in times] == encoded


@pytest.mark.parametrize("time", [0, (1 << 34) - 1, 1 << 41])
def test_times_of_another_width_are_refused(time: int) -> None:
    with pytest.raises(ValueError, match="event times"):
        millis(np.array([time], dtype=np.int64))


@settings(max_examples=50)
@given(st.lists(st.text(max_size=30) | st.text(min_size=60, max_size=300), min_size=1))
def test_strings_are_avro_strings(texts: list[str]) -> None:
    encoded = objects(strings(pa.array(texts, type=pa.string()))).tolist()

    assert [_fastavro("string", text) for text in texts] == encoded


@settings(max_examples=50)
@given(st.lists(st.integers(0, 16**9 - 1), min_size=1))
def test_hex_digits_keep_their_width(numbers: list[int]) -> None:
    written = [bytes(row).decode() for row in hex_digits(np.array(numbers, dtype=np.int64), 9)]

    assert [f"{number:09x}" for number in numbers] == written


def test_columns_are_joined_row_by_row() -> None:
    joined = join(
        b"<", fixed(b"id", byte_matrix(["a", "b"])), take(dictionary([b"x", b"", b"yy"]), np.array([2, 1])), b">"
    )

    assert objects(joined).tolist() == [b"<id\x02ayy>", b"<id\x02b>"]


def test_nothing_joins_to_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)

    assert objects(join(fixed(b"x", millis(none)), varints(none), take(dictionary([b"x"]), none))).tolist() == []


def test_fields_are_encoded_as_within_their_record() -> None:
    encoded = encode_fields(topic("clickstream"), {"action": "add_to_cart", "page": None, "product_id": "P1"})

    assert encoded == b"\x06" + b"\x00" + b"\x02\x04P1"


def test_a_schema_with_other_fields_is_refused() -> None:
    names = topic("inventory-updates").field_names

    check_layout(topic("inventory-updates"), names[:3], names[3:])
    with pytest.raises(LayoutError, match="inventory-updates"):
        check_layout(topic("inventory-updates"), names[:3], names[4:])
    with pytest.raises(LayoutError, match="inventory-updates"):
        check_layout(topic("inventory-updates"), names[3:], names[:3])
