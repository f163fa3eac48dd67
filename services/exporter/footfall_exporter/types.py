"""Arrow's types for Avro's: exact decimals, times in UTC, lists of structs; docs go along as metadata. Pure."""

from typing import Any

import pyarrow as pa
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json

MOST_DIGITS = 38
"""Of a decimal128."""
_SIMPLE = {
    "string": pa.string(),
    "enum": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
}
_LOGICAL = {"timestamp-millis": pa.timestamp("ms", "UTC"), "date": pa.date32()}


class UnsupportedTypeError(PermanentError):
    """A schema has a type that has no column; the message names it."""


def fields_of(schema: Json, *, nullable: bool = False) -> list[pa.Field]:
    """Return a record's fields.

    Args:
        schema: Of the record, in Avro's words.
        nullable: Whether all may be null, and not just those whose schema says so.
    """
    return [_field(field, nullable=nullable) for field in schema["fields"]]


def without_null(type_: Any) -> tuple[Any, bool]:
    """Return the type beside null, and whether null is one of its values."""
    if not isinstance(type_, list):
        return type_, False
    others = [branch for branch in type_ if branch != "null"]
    if len(others) != 1:
        raise UnsupportedTypeError(f"a union of {len(others)} types has no column: {type_}")
    return others[0], len(others) < len(type_)


def type_of(type_: Any) -> pa.DataType:
    """Return the type of a column whose values are of this Avro type."""
    inner, _ = without_null(type_)
    if isinstance(inner, str):
        inner = {"type": inner}
    logical, name = inner.get("logicalType"), inner["type"]
    if logical in _LOGICAL:
        return _LOGICAL[logical]
    if logical == "decimal":
        return pa.decimal128(min(inner["precision"], MOST_DIGITS), inner.get("scale", 0))
    if name == "array":
        return pa.list_(pa.field("element", type_of(inner["items"]), without_null(inner["items"])[1]))
    if name == "record":
        return pa.struct(fields_of(inner))
    if name in _SIMPLE:
        return _SIMPLE[name]
    raise UnsupportedTypeError(f"Avro's type {name} has no column")


def _field(field: Json, *, nullable: bool) -> pa.Field:
    doc = {"doc": field["doc"]} if field.get("doc") else None
    return pa.field(field["name"], type_of(field["type"]), nullable or without_null(field["type"])[1], doc)
