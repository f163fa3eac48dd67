"""Indices for streams: what they are called, their mappings, and what they remember of topics. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json

from footfall_exporter.sink import Life
from footfall_exporter.streams import Stream

OURS = "_exporter"
"""Field of the documents that are no rows: how far a partition is stored, and keys whose rows were deleted."""
NUMBER = "number"
"""Sub-field with which exact decimals, kept as text, can be added up and sorted."""
LONGEST_TERM = 8191
"""Characters of a text that can be searched for; UTF-8 needs four bytes at most, and Lucene takes 32,766."""
ROWS_ONLY: Json = {"bool": {"must_not": {"exists": {"field": f"{OURS}.kind"}}}}
EXACT: Json = {"type": "keyword", "index": False, "doc_values": False}
"""Amounts as text: kept, but neither searched nor sorted, for which text is of no use."""
SIMPLE: tuple[tuple[Callable[[pa.DataType], bool], Json], ...] = (
    (pa.types.is_decimal, EXACT | {"fields": {NUMBER: {"type": "double"}}}),
    (pa.types.is_string, {"type": "keyword", "ignore_above": LONGEST_TERM}),
    (pa.types.is_timestamp, {"type": "date", "format": "strict_date_optional_time"}),
    (pa.types.is_date, {"type": "date", "format": "strict_date"}),
    (pa.types.is_integer, {"type": "long"}),
    (pa.types.is_floating, {"type": "double"}),
    (pa.types.is_boolean, {"type": "boolean"}),
    (pa.types.is_binary, {"type": "binary"}),
)
PLACES: Json = {"_partition": {"type": "long"}, "_offset": {"type": "long"}}


class UnmappedTypeError(PermanentError):
    """A column has a type that has no mapping; the message names it."""


def alias_of(stream: Stream, prefix: str) -> str:
    """Return what is searched: the rows of a stream, and nothing else."""
    return prefix + stream.name


def index_of(stream: Stream, prefix: str) -> str:
    """Return the index behind the alias: rows, deletions and progress."""
    return f"{prefix}{stream.name}-rows"


def new_index(stream: Stream, prefix: str) -> Json:
    """Return the body with which a stream's index is made."""
    return {
        "settings": {
            # What is confirmed is on disk; one node alone has no copies, two have one.
            "index": {"translog.durability": "request", "auto_expand_replicas": "0-1"},
        },
        "mappings": mapping_of(stream),
        "aliases": {alias_of(stream, prefix): {"filter": ROWS_ONLY, "is_write_index": True}},
    }


def mapping_of(stream: Stream, held: Mapping[str, Any] | None = None, life: Life | None = None) -> Json:
    """Return the mapping of a stream's index.

    Args:
        stream: Whose.
        held: The mapping that the index has; what it remembers is kept.
        life: Of the topic whose rows follow; None keeps what is known.
    """
    known: Json = dict((held or {}).get("_meta", {}))
    meta = known | {
        "stream": stream.name,
        "topic": stream.kafka_topic,
        "doc": str(stream.topic.schema["doc"]),
        "columns": known.get("columns", {}) | docs_of(stream.columns),
    }
    if life is not None:
        meta |= {"topic_id": life.topic_id, "partitions": life.partitions}
    return {"dynamic": "strict", "_meta": meta, "properties": properties_of(stream)}


def properties_of(stream: Stream) -> Json:
    """Return the fields of a stream's documents."""
    ours = {"kind": {"type": "keyword"}, "next": {"type": "long"}, "deleted_at": {"type": "date"}}
    places = {} if stream.is_upsert else PLACES
    return _properties(stream.columns) | places | {OURS: {"properties": ours}}


def docs_of(fields: Iterable[pa.Field], beginning: str = "") -> dict[str, str]:
    """Return what each field means, those within others by their paths."""
    found: dict[str, str] = {}
    for field in fields:
        name = beginning + field.name
        if field.metadata and b"doc" in field.metadata:
            found[name] = field.metadata[b"doc"].decode()
        inner = field.type.value_type if pa.types.is_list(field.type) else field.type
        if pa.types.is_struct(inner):
            found |= docs_of(inner, f"{name}.")
    return found


def lacks(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether a mapping that is held has not all that is wanted."""
    return any(
        name not in held or (lacks(held[name], value) if isinstance(value, Mapping) else held[name] != value)
        for name, value in wanted.items()
    )


def life_of(mapping: Mapping[str, Any]) -> Life | None:
    """Return the life of the topic whose rows an index holds, as its mapping says."""
    meta = mapping.get("_meta", {})
    return Life(str(meta["topic_id"]), int(meta["partitions"])) if "topic_id" in meta else None


def _properties(fields: Iterable[pa.Field]) -> Json:
    return {field.name: _property(field.type) for field in fields}


def _property(type_: pa.DataType) -> Json:
    if pa.types.is_list(type_):
        inner = _property(type_.value_type)
        # Of a list of records a search is to find one that has all that is asked, not some of it here and some there.
        return {"type": "nested", **inner} if "properties" in inner else inner
    if pa.types.is_struct(type_):
        return {"properties": _properties(type_)}
    for is_such, found in SIMPLE:
        if is_such(type_):
            return dict(found)
    raise UnmappedTypeError(f"a column of type {type_} has no mapping")
