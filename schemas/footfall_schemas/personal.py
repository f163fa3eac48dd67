"""What a schema says is personal: fields that tell of people, which not everybody may see. Pure."""

from collections.abc import Iterator
from typing import Any

from footfall_schemas.topics import FACTS, Json

PERSONAL = "personal"
"""Attribute of a field in a schema file that says so."""


def personal_fields(schema: Json) -> frozenset[str]:
    """Return the names of the fields that a schema says are personal, those of records within it, too."""
    return frozenset(field["name"] for field in _fields(schema) if field.get(FACTS, {}).get(PERSONAL))


def _fields(schema: Any) -> Iterator[Json]:
    match schema:
        case list():
            for branch in schema:
                yield from _fields(branch)
        case {"type": "record", "fields": fields}:
            for field in fields:
                yield field
                yield from _fields(field["type"])
        case {"type": "array", "items": items}:
            yield from _fields(items)
        case {"type": dict() | list() as inner}:
            yield from _fields(inner)
