"""Confluent wire format over fastavro: magic byte 0, schema id (4 bytes, big-endian), Avro body. Pure, no network."""

import copy
import io
import json
import struct
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import fastavro
from fastavro.types import Schema

from footfall_schemas import avro_types
from footfall_schemas.body import Body, EncodingError
from footfall_schemas.errors import PermanentError
from footfall_schemas.resolve import resolve
from footfall_schemas.topics import Json, Topic
from footfall_schemas.values import Step

HEADER = struct.Struct(">bI")
"""Magic byte and schema id."""
REMEMBERED = 1000
"""Schemas whose preparations are kept."""
_PARSED: dict[int, tuple[Json, Schema]] = {}
_READERS: dict[tuple[int, int], tuple[Json, Json | None, Step]] = {}


class PoisonMessageError(PermanentError, ValueError):
    """These bytes can never be decoded; keep them as a dead letter."""


def header(schema_id: int) -> bytes:
    """Return the five bytes before an Avro body."""
    return HEADER.pack(0, schema_id)


def encode(schema_id: int, schema: Json, record: Json) -> bytes:
    """Encode one record; a field that is left out is its default.

    Raises:
        ValueError: The record does not fit the schema.
    """
    out = io.BytesIO()
    out.write(header(schema_id))
    fastavro.schemaless_writer(out, parse(schema), record, strict_allow_default=True)
    return out.getvalue()


def schema_id_of(message: bytes | None) -> int:
    """Return the writer's schema id.

    Raises:
        PoisonMessageError: Empty, too short, or not in wire format.
    """
    if message is None:
        raise PoisonMessageError("no value (a tombstone)")
    if len(message) <= HEADER.size:
        raise PoisonMessageError(f"{len(message)} bytes are too short for the wire format")
    magic, schema_id = HEADER.unpack_from(message)
    if magic != 0:
        raise PoisonMessageError(f"magic byte is {magic & 0xFF}, not 0")
    return cast("int", schema_id)


def decode(message: bytes, writer: Json, reader: Json | None = None) -> Json:
    """Decode one message written with `writer`, as `reader` sees it, within the limits that it sets.

    Raises:
        PoisonMessageError: The body does not match the schema, or bytes are left over.
    """
    schema_id_of(message)
    body = Body(message, HEADER.size)
    try:
        record = _reader(writer, reader)(body)
    except EncodingError as error:
        raise PoisonMessageError(str(error)) from error
    except Exception as error:  # whatever else a message brings about lies in it, too
        raise PoisonMessageError(f"cannot be decoded: {type(error).__name__}: {error}") from error
    if body.left:
        raise PoisonMessageError(f"{body.left} bytes after the record")
    return cast("Json", record)


def key_of(topic: Topic, record: Json) -> bytes:
    """Return the record key: the one key field as text, several as a JSON object."""
    if len(topic.key) == 1 and isinstance(value := record[topic.key[0]], str):
        return value.encode()
    return json.dumps({name: _plain(record[name]) for name in topic.key}).encode()


def to_json(record: Json) -> Json:
    """Return the record with JSON values only: ISO times, decimals as strings."""
    return cast("Json", _plain(record))


def from_json(schema: Json, document: Json) -> Json:
    """Return the record that `to_json` made the document from.

    Raises:
        ValueError: A time or a decimal cannot be read.
    """
    return {field["name"]: _rich(field["type"], document.get(field["name"])) for field in schema["fields"]}


def parse(schema: Json) -> Schema:
    """Parse a schema once; later calls with the same object return the parsed one."""
    known = _PARSED.get(id(schema))
    if known is None or known[0] is not schema:
        if len(_PARSED) >= REMEMBERED:
            _PARSED.clear()
        # The schema is kept with its result, so that its id cannot pass to another one.
        known = _PARSED[id(schema)] = schema, fastavro.parse_schema(copy.deepcopy(schema))
    return known[1]


def _reader(writer: Json, reader: Json | None) -> Step:
    known = _READERS.get((id(writer), id(reader)))
    if known is None or known[0] is not writer or known[1] is not reader:
        if len(_READERS) >= REMEMBERED:
            _READERS.clear()
        known = _READERS[id(writer), id(reader)] = writer, reader, _resolved(writer, reader)
    return known[2]


def _resolved(writer: Json, reader: Json | None) -> Step:
    """Return what reads the writer's messages; what refuses them all, if it can read none."""
    wanted = avro_types.parse(reader) if reader else None
    try:
        return resolve(avro_types.parse(writer), wanted)
    except EncodingError as error:
        reason = str(error)
    except avro_types.SchemaError as error:
        reason = f"its schema is no Avro schema: {error}"
    except RecursionError:
        reason = "its schema is nested too deeply"

    def refuse(_: Body) -> Json:
        raise EncodingError(reason)

    return refuse


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in cast("Iterable[Any]", value)]
        case _:
            return value


def _rich(type_: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(type_, list):
        return _rich(next(branch for branch in type_ if branch != "null"), value)
    if not isinstance(type_, dict):
        return value
    match type_.get("logicalType"), type_["type"]:
        case "timestamp-millis", _:
            return datetime.fromisoformat(value)
        case "date", _:
            return date.fromisoformat(value)
        case "decimal", _:
            return Decimal(value)
        case _, "record":
            return from_json(type_, value)
        case _, "array":
            return [_rich(type_["items"], item) for item in value]
        case _:
            return value
