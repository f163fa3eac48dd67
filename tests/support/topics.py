"""Topics and messages made by hand, and what shows them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from footfall_dashboard.topics.broker import Found, Offsets
from footfall_dashboard.topics.names import KnownTopic, known_topics
from footfall_dashboard.topics.showing import Shower
from footfall_health.ask.messages import RawMessage
from footfall_schemas.codec import PoisonMessageError
from footfall_schemas.topics import Json

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = known_topics(["checkouts", "alerting-dead-letters"], "")
FOUND = Found(
    {
        ("checkouts", 0): Offsets(5, 105, 100),
        ("checkouts", 1): Offsets(0, 10, 10),
        ("alerting-dead-letters", 0): Offsets(0, 0, 0),
    },
    {"footfall-shop_events": {("checkouts", 0): 98, ("checkouts", 1): 12}, "alerting": {}},
)


def known(name: str, prefix: str = "") -> KnownTopic:
    return known_topics([prefix + name], prefix)[prefix + name]


def raw(value: bytes | None, **changes: Any) -> RawMessage:
    return replace(RawMessage(0, 7, 1_800_000_000_000, b"k", value), **changes)


def shower(*schemas: Json, **changes: Any) -> Shower:
    def schema(number: int) -> Json:
        if number > len(schemas):
            raise PoisonMessageError(f"schema id {number} is not in the registry")
        return schemas[number - 1]

    return Shower(schema, **changes)
