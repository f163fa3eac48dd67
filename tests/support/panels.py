"""Rows in memory and the panels that are drawn of them, for tests."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from footfall_dashboard.live.draw import draw
from footfall_dashboard.live.panel import Panel
from footfall_dashboard.live.rows import PROGRESS, STREAMS, Stream
from footfall_dashboard.live.state import Phase, Reading
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range, View

MINUTE = timedelta(minutes=1)
DAY = datetime(2026, 3, 2, tzinfo=UTC)
MOST = 10_000
FOLLOWING = Reading({stream.topic: Phase.FOLLOWING for stream in STREAMS})


def at(clock: str, day: datetime = DAY) -> datetime:
    """Return a time of a day in March 2026, such as 10:00 or 10:00:30.5, in UTC."""
    return datetime.fromisoformat(f"{day:%Y-%m-%d}T{clock}+00:00")


def minute(clock: str, day: datetime = DAY, *, length: timedelta = MINUTE) -> dict[str, datetime]:
    """Return the window of a row that begins then."""
    return {"window_start": at(clock, day), "window_end": at(clock, day) + length}


def row(stream: Stream[Any], **values: Any) -> Any:
    """Return a row; what is left out is 0, money among it, or empty."""
    types = stream.row.__annotations__
    empty = {str: "", int: 0, Decimal: Decimal(0), bool: False}
    return stream.row(**{name: values[name] if name in values else empty.get(kind) for name, kind in types.items()})


def put(store: Store, stream: Stream[Any], *rows: dict[str, Any]) -> None:
    """Put rows into a store."""
    for values in rows:
        store.of(stream).put(row(stream, **values))


def progress(store: Store, watermark: datetime, *, job: str = "footfall", completed_at: datetime | None = None) -> None:
    """Put a job's progress into a store."""
    put(store, PROGRESS, {"job": job, "watermark": watermark, "completed_at": completed_at or watermark})


def drawn(
    store: Store,
    panel: str,
    now: datetime,
    *,
    zone: str = "UTC",
    reading: Reading = FOLLOWING,
    asked: Range = Range(),  # noqa: B008  it cannot change
) -> Panel:
    """Return a panel as it is drawn then."""
    return draw(panel, View(store, ZoneInfo(zone), now, asked), reading)


def cells(panel: Panel, *columns: int) -> list[list[Any]]:
    """Return these columns of a panel's rows."""
    return [[each[column] for column in columns] for each in panel.rows]


def money(*amounts: str) -> list[Decimal]:
    """Return amounts."""
    return [Decimal(amount) for amount in amounts]


def texts(values: Iterable[Any]) -> list[str]:
    """Return values as text."""
    return [str(value) for value in values]
