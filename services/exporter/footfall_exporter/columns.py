"""Values in Avro's plain form (numbers for times, bytes for decimals) as Arrow's columns, a column at a time. Pure."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json

from footfall_exporter.types import MOST_DIGITS, type_of, without_null

DECIMAL_BYTES = 16


class UnfitValueError(PermanentError):
    """A value has no place in its column; the message says why."""


def plain(schema: Any) -> Any:
    """Return the schema without logical types, by which values are read as they are written."""
    match schema:
        case dict():
            return {name: plain(value) for name, value in schema.items() if name != "logicalType"}
        case list():
            return [plain(item) for item in schema]
        case _:
            return schema


def record_columns(schema: Json, rows: Sequence[Json | None]) -> list[pa.Array]:
    """Return a column for each field of a record; where there is no row, its values are null.

    Args:
        schema: Of the record.
        rows: Values by field, as `plain` schemas read them.

    Raises:
        UnfitValueError: A decimal has too many digits.
    """
    columns = []
    for field in schema["fields"]:
        name = field["name"]
        values = [None if row is None else row[name] for row in rows]
        columns.append(column(field["type"], values))
    return columns


def column(type_: Any, values: list[Any]) -> pa.Array:
    """Return one column of these plain values.

    Raises:
        UnfitValueError: A decimal has too many digits.
    """
    inner, _ = without_null(type_)
    arrow = type_of(inner)
    if pa.types.is_decimal(arrow):
        return _decimals(arrow, values)
    if pa.types.is_timestamp(arrow):
        return pa.array(values, pa.int64()).view(arrow)
    if pa.types.is_date(arrow):
        return pa.array(values, pa.int32()).view(arrow)
    if pa.types.is_list(arrow):
        items = column(inner["items"], [item for value in values if value is not None for item in value])
        ends = accumulate((0 if value is None else len(value) for value in values), initial=0)
        offsets = pa.array(ends, pa.int32())
        return pa.Array.from_buffers(
            arrow, len(values), [_validity(values), offsets.buffers()[1]], values.count(None), children=[items]
        )
    if pa.types.is_struct(arrow):
        children = record_columns(inner, values)
        return pa.Array.from_buffers(arrow, len(values), [_validity(values)], values.count(None), children=children)
    return pa.array(values, arrow)


def _decimals(arrow: pa.DataType, values: list[bytes | None]) -> pa.Array:
    most = 10 ** min(arrow.precision, MOST_DIGITS)
    parts = []
    for value in values:
        number = 0 if value is None else int.from_bytes(value, "big", signed=True)
        if not -most < number < most:
            raise UnfitValueError(f"a number has more than the {arrow.precision} digits of its column")
        parts.append(number.to_bytes(DECIMAL_BYTES, "little", signed=True))
    buffer = pa.py_buffer(b"".join(parts))
    return pa.Array.from_buffers(arrow, len(values), [_validity(values), buffer], values.count(None))


def _validity(values: list[Any]) -> pa.Buffer | None:
    if None not in values:
        return None
    return pa.array([value is not None for value in values], pa.bool_()).buffers()[1]
