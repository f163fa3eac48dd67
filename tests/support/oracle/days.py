"""Streams that follow the hours and days of the shop's own time zone."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

from support.oracle.clock import part_of_day
from support.oracle.facts import Facts
from support.oracle.rows import HOUR, Row, is_paid, time_of

SLOT = timedelta(minutes=10)


def trading_volume(facts: Facts) -> list[Row]:
    counts = Counter(part_of_day(time_of(row), HOUR, facts.zone) for row in facts.checkouts if is_paid(row))
    return [
        {"window_start": start, "window_end": end, "date": local.date(), "hour": local.hour, "purchases": count}
        for (start, end), count in counts.items()
        for local in [start.astimezone(facts.zone)]
        if end <= facts.until
    ]


def cumulative_visitors(facts: Facts) -> list[Row]:
    slots: dict[tuple[datetime, datetime], set[str]] = defaultdict(set)
    for row in facts.actions():
        slots[part_of_day(time_of(row), SLOT, facts.zone)].add(row["user_id"])
    seen: dict[date, set[str]] = defaultdict(set)
    rows = []
    for start, end in sorted(slots):
        day = start.astimezone(facts.zone).date()
        seen[day] |= slots[start, end]
        if end <= facts.until:
            rows.append({"window_start": start, "window_end": end, "date": day, "visitors": len(seen[day])})
    return rows
