"""Rows, times and windows: what every stream's computation is written in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, int, int]
"""Topic, partition and offset."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SESSION_GAP = timedelta(minutes=30)


@dataclass(frozen=True)
class Message:
    """One decoded record and its place."""

    topic: str
    partition: int
    offset: int
    value: Row

    @property
    def place(self) -> Place:
        return self.topic, self.partition, self.offset


def time_of(row: Row) -> datetime:
    event_time: datetime = row["event_time"]
    return event_time


def minute_of(row: Row) -> datetime:
    return floor(row["event_time"], MINUTE)


def floor(when: datetime, width: timedelta) -> datetime:
    return EPOCH + (when - EPOCH) // width * width


def window(start: datetime, width: timedelta) -> Row:
    return {"window_start": start, "window_end": start + width}


def is_paid(checkout: Row) -> bool:
    return bool(checkout["payment_status"] == "succeeded")


def is_due(row: Row, until: datetime) -> bool:
    """Tell whether an output row is final when event time has come so far; one without a time of its own always is."""
    if "window_end" in row:
        return bool(row["window_end"] <= until)
    if "session_end" in row:
        return bool(row["session_end"] + SESSION_GAP <= until)
    if "alert_id" in row:
        return bool(row["event_time"] <= until)
    return "checkout_time" not in row or bool(row["checkout_time"] <= until)
