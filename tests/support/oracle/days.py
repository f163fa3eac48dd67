"""Streams that follow the hours and days of the shop's own time zone."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from support.oracle.facts import Facts
from support.oracle.rows import HOUR, Row, is_paid, time_of, window

SLOT = timedelta(minutes=10)


def trading_volume(facts: Facts) -> list[Row]:
    def hour_of(row: Row) -> datetime:
        local = time_of(row).astimezone(facts.zone)
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)

    counts = Counter(hour_of(row) for row in facts.checkouts if is_paid(row))
    return [
        window(start, HOUR)
        | {"date": start.astimezone(facts.zone).date(), "hour": start.astimezone(facts.zone).hour, "purchases": count}
        for start, count in counts.items()
        if start + HOUR <= facts.until
    ]


def cumulative_visitors(facts: Facts) -> list[Row]:
    slots: dict[datetime, set[str]] = defaultdict(set)
    midnights: dict[datetime, datetime] = {}
    for row in facts.actions():
        start, midnight = _slot(time_of(row), facts.zone)
        slots[start].add(row["user_id"])
        midnights[start] = midnight
    seen: dict[datetime, set[str]] = defaultdict(set)
    rows = []
    for start in sorted(slots):
        midnight = midnights[start]
        seen[midnight] |= slots[start]
        if start + SLOT <= facts.until:
            date = midnight.astimezone(facts.zone).date()
            rows.append(window(start, SLOT) | {"date": date, "visitors": len(seen[midnight])})
    return rows


def _slot(when: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the beginnings of the ten minutes, counted from midnight, and of the day."""
    midnight = datetime.combine(when.astimezone(zone).date(), time(), zone).astimezone(UTC)
    return midnight + (when - midnight) // SLOT * SLOT, midnight
