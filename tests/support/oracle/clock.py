"""The clock on the shop's wall: what it shows is asked of the zone for each moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from support.oracle.rows import EPOCH

SECOND = timedelta(seconds=1)


def part_of_day(when: datetime, length: timedelta, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the clock began to go through the hour (or the ten minutes) that it shows, and when it was through.

    Setting the clock ends one go and begins another.
    """
    shown = when.astimezone(zone).replace(tzinfo=UTC)  # as if the clock stood in UTC
    start = when - (shown - EPOCH) % length
    end = start + length
    second = when.replace(microsecond=0)
    if _offset(start, zone) != _offset(second, zone):
        start = _first_after_change(start, second, zone)
    if _offset(end - SECOND, zone) != _offset(second, zone):
        end = _first_after_change(second, end - SECOND, zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def _first_after_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second of the later offset; zones change at whole seconds."""
    while after - before > SECOND:
        middle = before + (after - before) // 2 // SECOND * SECOND
        if _offset(middle, zone) == _offset(before, zone):
            before = middle
        else:
            after = middle
    return after


def _offset(when: datetime, zone: ZoneInfo) -> timedelta | None:
    return when.astimezone(zone).utcoffset()
