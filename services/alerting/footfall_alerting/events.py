"""What is worth a webhook, whatever it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["info", "warning", "critical"]


@dataclass(frozen=True)
class Event:
    """Something that endpoints may want to be told of."""

    id: str
    """The same for ever, however often the event is read."""
    type: str
    """Such as `inventory.low`."""
    time: datetime
    """When it happened in the shop, with a time zone."""
    key: str
    """What order and partitions go by: a product's, a user's or an endpoint's id."""
    data: Mapping[str, Any]
    """What the payload's `data` holds; everything in it can be written as JSON."""
    product: str | None = None
    category: str | None = None
    warehouse: str | None = None
    severity: Severity = "info"
    sequence: int = 0
    """Place in the order of its product and warehouse, from 1; 0 where there is none."""
    traceparent: str = ""
    """W3C trace context of what caused it; empty where there is none."""
