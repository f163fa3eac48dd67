"""What is personal in messages, and how it is hidden. Pure."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from footfall_schemas.topics import FACTS, Json, load_topics

PERSONAL = "personal"
"""Attribute of a field in a schema file that says so."""
MASK = "***"


def personal_fields(schema: Json) -> frozenset[str]:
    """Return the names of the fields that a schema says are personal, those of records within it, too."""
    return frozenset(field["name"] for field in _fields(schema) if field.get(FACTS, {}).get(PERSONAL))


@cache
def holds_personal(topic: str) -> bool:
    """Tell whether messages of a topic of the contract hold what is personal; its name is without prefix."""
    known = load_topics().get(topic)
    return known is not None and bool(personal_fields(known.reader))


def masked(value: Any, fields: frozenset[str]) -> tuple[Any, list[str]]:
    """Return a value with these fields masked, and the names of those that were; what is null stays so."""
    found: dict[str, None] = {}

    def mask(part: Any) -> Any:
        match part:
            case dict():
                found.update(dict.fromkeys(name for name in part if name in fields and part[name] is not None))
                return {
                    name: MASK if name in fields and item is not None else mask(item) for name, item in part.items()
                }
            case list():
                return [mask(item) for item in part]
            case _:
                return part

    return mask(value), list(found)


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
