"""What an output topic says, and how it differs from what it should say. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from footfall_schemas.topics import topic

from support.oracle import Message, Row, is_due


def final_rows(name: str, messages: Iterable[Message], until: datetime) -> list[Row]:
    """Return an output's final rows as the oracle writes them; an upsert topic's are the latest per key that are final."""
    described = topic(name)
    rows = [message.value for message in messages if is_due(message.value, until)]
    if described.cleanup == "compact":
        rows = list({tuple(row[field] for field in described.key): row for row in rows}.values())
    if name == "related-products":
        rows = [row | {"related": sorted(row["related"], key=lambda item: item["rank"])} for row in rows]
    return rows


def differences(expected: list[Row], actual: list[Row]) -> dict[str, list[Row]]:
    """Return rows that are missing and rows that are too many, counting each copy."""
    wanted, found = Counter(map(_frozen, expected)), Counter(map(_frozen, actual))
    known = {_frozen(row): row for row in (*expected, *actual)}
    return {
        "missing": [known[row] for row in (wanted - found).elements()],
        "surplus": [known[row] for row in (found - wanted).elements()],
    }


def _frozen(value: Any) -> Any:
    match value:
        case dict():
            return tuple((name, _frozen(value[name])) for name in sorted(value))
        case list():
            return tuple(map(_frozen, value))
        case _:
            return value
