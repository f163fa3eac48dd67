"""From an event to the body of its webhooks. Pure."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from footfall_alerting.events import Event

LARGEST_BODY = 20_000
"""Bytes; every body is smaller, as Standard Webhooks asks for."""

_CUTS = ((2000, 200), (500, 50), (200, 20), (100, 10), (50, 3), (20, 1), (8, 1))
"""Characters of a text and entries of a list or object that are kept, ever fewer until the body is small enough."""
_DEEPEST = 4
"""Levels below `data` that are kept once something must be cut."""


def body_of(event: Event, dashboard_url: str) -> str:
    """Return the minified JSON body of an event's webhooks; it has a UTF-8 form, below `LARGEST_BODY` bytes.

    Args:
        event: What happened.
        dashboard_url: Where people open the live page.
    """
    data = {**event.data, "severity": event.severity, "dashboard_url": link_to(event, dashboard_url)}
    try:
        body = _written(event, data)
        if len(body.encode()) < LARGEST_BODY:
            return body
    except ValueError:  # no number, or half a character
        pass
    return _cut(event, data)


def link_to(event: Event, dashboard_url: str) -> str:
    """Return where the live page shows what an event is about."""
    base = dashboard_url.rstrip("/") + "/"
    return f"{base}#/topics/inventory-alerts?key={quote(event.product, safe='')}" if event.product else base


def time_text(moment: datetime) -> str:
    """Return a moment as payloads have it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written(event: Event, data: Mapping[str, Any]) -> str:
    document = {"type": event.type, "timestamp": time_text(event.time), "data": data}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _cut(event: Event, data: dict[str, Any]) -> str:
    for characters, entries in _CUTS:
        kept = {name: _short(value, characters, entries, _DEEPEST) for name, value in data.items()}
        body = _written(event, kept if kept == data else kept | {"shortened": True})
        if len(body.encode()) < LARGEST_BODY:
            break
    return body


def _short(value: Any, characters: int, entries: int, deeper: int) -> Any:
    match value:
        case str():
            whole = value.encode(errors="replace").decode()
            return whole if len(whole) <= characters else whole[: characters - 1] + "…"
        case float() if not math.isfinite(value):
            return None
        case bool() | int() | float() | None:
            return value
        case Mapping() if deeper:
            some = list(value.items())[:entries]
            return {
                str(_short(str(name), characters, entries, 0)): _short(each, characters, entries, deeper - 1)
                for name, each in some
            }
        case list() | tuple() if deeper:
            return [_short(each, characters, entries, deeper - 1) for each in value[:entries]]
        case _:
            return "…"
