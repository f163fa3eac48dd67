"""Whether a schema still reads what older versions wrote: Avro's resolution rules, and what those let through.

Avro's own checker accepts changes that alter meaning without changing bytes: a decimal's scale, a time's unit, a record's
namespace. Those are errors here.
"""

import json
from collections.abc import Iterator
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse
from footfall_schemas.topics import Json

_MEANING = ("logicalType", "precision", "scale")


def incompatibilities(reader: Json, writer: Json) -> list[str]:
    """Return why `reader` must not be released after `writer`; nothing if it may."""
    return [*_resolution(reader, writer), *_record(reader, writer, reader["name"])]


def style_problems(schema: Json) -> list[str]:
    """Return what a schema lacks by Footfall's own rules: a doc everywhere, a default for optional fields and enums."""
    return list(_style(schema, schema["name"]))


def _resolution(reader: Json, writer: Json) -> list[str]:
    result = ReaderWriterCompatibilityChecker().get_compatibility(parse(json.dumps(reader)), parse(json.dumps(writer)))
    if result.compatibility is SchemaCompatibilityType.compatible:
        return []
    return [f"{place}: {message}" for place, message in zip(result.locations, result.messages, strict=False)] or [
        "not readable by Avro's rules"
    ]


def _record(reader: Json, writer: Json, path: str) -> Iterator[str]:
    names = {_full_name(reader), *reader.get("aliases", [])}
    if _full_name(writer) not in names:
        yield f"{path}: renamed from {_full_name(writer)} without an alias"
    old = {field["name"]: field for field in writer["fields"]}
    for field in reader["fields"]:
        before = next((old[name] for name in (field["name"], *field.get("aliases", [])) if name in old), None)
        if before is None:
            continue
        yield from _type(_bare(field["type"]), _bare(before["type"]), f"{path}.{field['name']}")
        if "default" in before and "default" not in field:
            yield f"{path}.{field['name']}: lost its default"


def _type(reader: Any, writer: Any, path: str) -> Iterator[str]:
    new, old = _attributes(reader), _attributes(writer)
    for name in _MEANING:
        if new.get(name) != old.get(name):
            yield f"{path}: {name} was {old.get(name)}, is {new.get(name)}"
    if new.get("type") == old.get("type") == "array":
        yield from _type(_bare(new["items"]), _bare(old["items"]), f"{path}[]")
    elif new.get("type") == old.get("type") == "record":
        yield from _record(new, old, path)
    elif new.get("type") == old.get("type") == "enum" and _full_name(new) != _full_name(old):
        yield f"{path}: enum renamed from {_full_name(old)}"


def _style(schema: Json, path: str) -> Iterator[str]:
    if not schema.get("doc"):
        yield f"{path}: no doc"
    for field in schema.get("fields", []):
        place = f"{path}.{field['name']}"
        if not field.get("doc"):
            yield f"{place}: no doc"
        if isinstance(field["type"], list) and "default" not in field:
            yield f"{place}: optional without a default"
        inner = _attributes(_bare(field["type"]))
        if inner.get("type") == "enum" and "default" not in inner:
            yield f"{place}: enum without a default, which readers need for symbols they do not know"
        if inner.get("type") in ("record", "enum"):
            yield from _style(inner, place)
        if inner.get("type") == "array" and isinstance(inner["items"], dict):
            yield from _style(inner["items"], f"{place}[]")


def _full_name(schema: Json) -> str:
    return f"{schema['namespace']}.{schema['name']}" if "namespace" in schema else str(schema["name"])


def _bare(type_: Any) -> Any:
    return next(branch for branch in type_ if branch != "null") if isinstance(type_, list) else type_


def _attributes(type_: Any) -> Json:
    return type_ if isinstance(type_, dict) else {"type": type_}
