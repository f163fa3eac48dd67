"""A panel as it is at one moment."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

Cell: TypeAlias = datetime | Decimal | int | float | str | None
State: TypeAlias = Literal["live", "stale", "empty", "loading"]


@dataclass(frozen=True)
class Judgement:
    """How far a panel can be relied upon."""

    state: State
    why: str | None = None
    """One sentence; None when it is live and there is nothing to say."""
    since: datetime | None = None


@dataclass(frozen=True)
class Panel:
    """A panel's rows and what they are worth."""

    id: str
    judgement: Judgement
    as_of: datetime | None = None
    """Event time that its newest row speaks of: the end of that window."""
    final_until: datetime | None = None
    """Minute before which no number can change any more; None: unknown."""
    begin: datetime | None = None
    end: datetime | None = None
    """The range shown; the end is not part of it."""
    rows: list[list[Cell]] = field(default_factory=list)
    """In the order of the panel's columns."""


def document(panel: Panel, version: int) -> dict[str, Any]:
    """Return the panel in JSON values: money as text, times ISO 8601 in UTC with milliseconds and a Z."""
    return {
        "id": panel.id,
        "version": version,
        "state": panel.judgement.state,
        "why": panel.judgement.why,
        "since": plain(panel.judgement.since),
        "as_of": plain(panel.as_of),
        "final_until": plain(panel.final_until),
        "from": plain(panel.begin),
        "to": plain(panel.end),
        "rows": [[plain(cell) for cell in row] for row in panel.rows],
    }


def plain(cell: Cell) -> str | int | float | None:
    """Return one value as JSON has it."""
    match cell:
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case Decimal():
            return format(cell, "f")
        case _:
            return cell


def text(content: object) -> bytes:
    """Return JSON in as few bytes as there can be."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
