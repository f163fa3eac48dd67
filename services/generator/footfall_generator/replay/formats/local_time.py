"""Local times as recorded files write them, as seconds since 1970."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

REMEMBERED = 1 << 14
"""Texts whose meaning is kept: rows of one purchase share theirs."""
_MONTH_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_EARLIEST, _LATEST = datetime(1970, 8, 1, tzinfo=UTC), datetime(2039, 8, 1, tzinfo=UTC)


class LocalClock:
    """Reads `12/1/2010 8:26`, the month first, and `2010-12-01 08:26:00`, as the clock of a zone shows them.

    A time that the clock shows twice, in autumn, is the first of the two; one that it leaves out, in spring, is read as if
    the clock had not been put forward yet. In other words: around a change, the offset from before it counts.

    Args:
        zone: Where the clock hangs.
        latest: What is later is refused; nothing is encoded that happened before August 1970 or after July 2039.
    """

    def __init__(self, zone: ZoneInfo, latest: datetime) -> None:
        self._zone = zone
        self._latest = min(latest, _LATEST)
        self.seconds = lru_cache(maxsize=REMEMBERED)(self._seconds)

    def _seconds(self, text: str) -> int | str:
        """Return the seconds since 1970, or what is wrong with the text."""
        if found := _MONTH_FIRST.fullmatch(text):
            month, day, year, hour, minute, second = map(int, found.groups(default="0"))
        elif found := _YEAR_FIRST.fullmatch(text):
            year, month, day, hour, minute, second = map(int, found.groups(default="0"))
        else:
            return "is neither like 12/1/2010 8:26 nor like 2010-12-01 08:26:00"
        try:
            local = datetime(year, month, day, hour, minute, second, tzinfo=self._zone)
        except ValueError as error:
            return f"is no time, the month being {month} and the day {day}: {error}"
        if not _EARLIEST.year <= local.year <= _LATEST.year or not _EARLIEST <= local.astimezone(UTC) <= self._latest:
            return "is out of range"
        return int(local.timestamp())
