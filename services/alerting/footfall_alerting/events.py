"""What is worth a webhook, whatever it was read from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from footfall_alerting.errors import UnreadableEventError

VERSION = 1

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

    def encode(self) -> bytes:
        """Return the event as JSON, as the topic of alerting's own events holds it."""
        document = {"version": VERSION} | vars(self) | {"time": self.time.isoformat()}
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="backslashreplace")


def decode_event(value: bytes | None) -> Event:
    """Return the event that `Event.encode` made the bytes from.

    Raises:
        UnreadableEventError: They are not an event of this version.
    """
    try:
        document = json.loads(value or b"")
        if document.pop("version") != VERSION:
            raise UnreadableEventError(f"not an event of version {VERSION}")
        event = Event(**document | {"time": datetime.fromisoformat(document["time"])})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UnreadableEventError(f"not an event: {error!r}") from error
    texts = (event.id, event.type, event.key, event.severity, event.traceparent)
    names = (event.product, event.category, event.warehouse)
    if not all(isinstance(text, str) for text in texts) or event.severity not in get_args(Severity):
        raise UnreadableEventError("not an event: a text field is missing")
    if not all(name is None or isinstance(name, str) for name in names) or not isinstance(event.data, dict):
        raise UnreadableEventError("not an event: what it is about is missing")
    if type(event.sequence) is not int or event.time.tzinfo is None:
        raise UnreadableEventError("not an event: its time or its place in the order is missing")
    return event
