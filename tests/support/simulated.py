"""A small simulated shop, its events kept in memory instead of sent."""

from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from threading import Event
from typing import Any

from fastavro import schemaless_reader
from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import EVENT_TOPICS, TOPICS
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.run import Run, ShopSpec
from footfall_schemas.codec import HEADER, parse
from footfall_schemas.topics import topic

START = 1_767_225_600_000
"""2026-01-01T00:00:00Z"""
SCHEMA_IDS = {each.name: number for number, each in enumerate(TOPICS, 1)}


@dataclass
class Kept:
    """Remembers messages in the order they were sent."""

    rows: list[Rows] = field(default_factory=list)

    def send(self, rows: Rows) -> None:
        self.rows.append(rows)

    def of(self, name: str) -> Rows:
        return Rows.concat(rows for rows in self.rows if rows.topic == name)

    def records(self, name: str) -> list[dict[str, Any]]:
        schema = parse(topic(name).schema)
        return [schemaless_reader(BytesIO(value[HEADER.size :]), schema, None) for value in self.of(name).values]

    def messages(self) -> list[tuple[str, bytes, bytes]]:
        return [
            (rows.topic, key, value) for rows in self.rows for key, value in zip(rows.keys, rows.values, strict=True)
        ]

    def events(self) -> list[tuple[str, bytes, bytes]]:
        return [each for each in self.messages() if each[0] in EVENT_TOPICS]


def simulated(
    *, events: int | None = 5_000, until: int | None = None, faults: Faults | None = None, **spec: Any
) -> tuple[Run, Kept]:
    """Return a run of a small shop that has ended, and what it sent."""
    kept = Kept()
    shop: dict[str, Any] = {"start": START, "rate": 200.0, "users": 300, "products": 100} | spec
    run = Run(ShopSpec(**shop), SCHEMA_IDS, kept, faults or Faults(), Event())
    counts = list(run.at_full_speed(until, events))
    assert all(earlier <= later for earlier, later in pairwise(counts))
    return run, kept
