"""How what is personal in messages is hidden. Pure."""

from functools import cache
from typing import Any

from footfall_schemas.personal import personal_fields
from footfall_schemas.topics import load_topics

MASK = "***"


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
