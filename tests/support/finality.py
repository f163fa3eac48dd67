"""Whether what the topic of progress has said was true: a row that lies before a watermark was there when that was said."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from footfall_schemas.codec import decode, schema_id_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic

from support.kafka import read_raw
from support.oracle import Row


class Written(NamedTuple):
    """A row and when the broker took it."""

    row: Row
    at: datetime


def written(bootstrap: str, registry: SchemaRegistry, name: str) -> list[Written]:
    """Return every committed row of a topic but what was deleted."""
    return [
        Written(_decoded(registry, name, message.value()), datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC))
        for message in read_raw(bootstrap, name)
        if message.value() is not None
    ]


def too_late(claims: Iterable[Written], rows: Iterable[Written]) -> list[Row]:
    """Return the rows of windows that came when it had been said that all of them are there.

    Args:
        claims: Of one job, as they were made; none is lower than one before.
        rows: Of its topics.
    """
    made = list(claims)
    watermarks = [claim.row["watermark"] for claim in made]
    assert watermarks == sorted(watermarks), "progress went back"
    found = []
    for row, at in rows:
        first = bisect_left(watermarks, row["window_end"])
        if first < len(made) and at > made[first].at:
            found.append(row)
    return found


def _decoded(registry: SchemaRegistry, name: str, value: Any) -> Row:
    return decode(value, registry.schema(schema_id_of(value)), topic(name).schema)
