"""Days and minutes of the shop. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def minute_of(time: datetime) -> datetime:
    """Return the minute that a time lies in, in UTC."""
    return time.astimezone(UTC).replace(second=0, microsecond=0)


def midnight(time: datetime, zone: ZoneInfo) -> datetime:
    """Return when the day began that a time lies in, in UTC."""
    return datetime.combine(time.astimezone(zone).date(), datetime.min.time(), zone).astimezone(UTC)


def day_before(time: datetime, zone: ZoneInfo) -> datetime:
    """Return the same time by the clock of the day before, in UTC."""
    # Without the zone it is the clock's time that is a day earlier, also where the clock was changed since.
    local = time.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    return local.replace(tzinfo=zone).astimezone(UTC)


def minutes_between(begin: datetime, end: datetime) -> list[datetime]:
    """Return the minutes from one on to another, which is not part of it."""
    return [begin + number * MINUTE for number in range(max(0, (end - begin) // MINUTE))]
