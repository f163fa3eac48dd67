"""What panels are drawn from: rows, and which of them lie in the range that is shown. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from footfall_schemas.errors import PermanentError

from footfall_dashboard.live.days import HOUR, MINUTE, midnight, minute_of, minutes_between
from footfall_dashboard.live.info import PanelInfo
from footfall_dashboard.live.panel import Cell
from footfall_dashboard.live.rows import EVENTS, PROGRESS, REVENUE, VISITORS, JobProgress, Stream
from footfall_dashboard.live.store import Rows, Store

STOCK_JOB = "-stock"
"""End of the name of the job that computes the stock's streams, where they have one of their own."""
FORGOTTEN = timedelta(days=1)
"""A job that is so far behind the newest one is gone, and nobody waits for it."""


class RangeError(PermanentError, ValueError):
    """This panel cannot be drawn for that range; the message says why."""


@dataclass(frozen=True)
class Range:
    """A stretch of event time; the end is not part of it. What is None is the panel's own."""

    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Drawn:
    """A panel's rows and what they are of."""

    rows: list[list[Cell]]
    as_of: datetime | None = None
    begin: datetime | None = None
    end: datetime | None = None
    note: str | None = None
    """What else a reader must know, one sentence."""


@dataclass(frozen=True)
class View:
    """All rows at one moment, and what is asked for.

    Args:
        store: The rows.
        zone: The shop's time zone, in which its days begin.
        now: The clock.
        asked: The range asked for.
    """

    store: Store
    zone: ZoneInfo
    now: datetime
    asked: Range = field(default_factory=Range)

    def final_until(self, info: PanelInfo) -> datetime | None:
        """Return the minute before which no number of this panel can change; None: its job has not said."""
        watermarks = [job.watermark for job in self.jobs(info)]
        return minute_of(min(watermarks)) if watermarks else None

    def jobs(self, info: PanelInfo) -> list[JobProgress]:
        """Return the progress of the jobs that compute this panel's streams."""
        known = list(self.store.all(PROGRESS))
        newest = max((job.completed_at for job in known), default=self.now)
        alive = [job for job in known if newest - job.completed_at < FORGOTTEN]
        own = [job for job in alive if job.job.endswith(STOCK_JOB) == (info.group == "stock")]
        return own or alive

    def has_nothing(self) -> bool:
        """Whether no minute is known, of any stream."""
        return not any(rows.front for rows in self._minutes())

    def front(self) -> datetime:
        """Return the end of the newest minute of which anything is known; the clock's minute when nothing is."""
        ends = [rows.front for rows in self._minutes() if rows.front]
        shop = [job.watermark for job in self.store.all(PROGRESS) if not job.job.endswith(STOCK_JOB)]
        if not ends and not shop:
            return minute_of(self.now)
        return max([*ends, *(minute_of(watermark) for watermark in shop)])

    def last_hour(self, *, behind: timedelta = timedelta(0)) -> tuple[datetime, datetime]:
        """Return the range of a panel of the last hour.

        Args:
            behind: How much later than an event its rows come.
        """
        end = self.asked.end or self.front() - behind
        return self._checked(self.asked.begin or end - HOUR, end)

    def today(self) -> tuple[datetime, datetime]:
        """Return the range of a panel of today."""
        begin = self.asked.begin or midnight(self.asked.end or self.now, self.zone)
        if self.asked.end is None:
            return begin, max(begin, self.front())
        return self._checked(begin, self.asked.end)

    def newest(self, stream: Stream[Any], length: timedelta) -> datetime | None:
        """Return when the newest window began of those in the range; None: there is none.

        Args:
            stream: Whose.
            length: How long its windows are.
        """
        found = self.store.of(stream).newest(None if self.asked.end is None else self.asked.end - length)
        return None if found is None or (self.asked.begin and found < self.asked.begin) else found

    def refuse_range(self, panel: str) -> None:
        """See that no range is asked for.

        Raises:
            RangeError: There is.
        """
        if self.asked != Range():
            raise RangeError(f"{panel} shows the newest values only; leave out from and to")

    def known(self, stream: Stream[Any], begin: datetime, end: datetime) -> list[datetime]:
        """Return the minutes of a range of which this stream has said all there is: one without a row is 0."""
        rows = self.store.of(stream)
        opened = self.opened()
        if opened is None:
            return []
        # Progress may be heard a moment before the rows it speaks of.
        settled = [job.watermark - MINUTE for job in self.store.all(PROGRESS) if not job.job.endswith(STOCK_JOB)]
        until = max([time for time in (rows.front, *settled) if time], default=begin)
        return minutes_between(max(begin, rows.cut or opened), min(end, minute_of(until)))

    def opened(self) -> datetime | None:
        """Return the first minute of which anything is in memory; None: nothing is."""
        firsts = [rows.first() for rows in self._minutes()]
        return min((first for first in firsts if first), default=None)

    def reaches(self, streams: Iterable[Stream[Any]], time: datetime) -> bool:
        """Tell whether everything since a time is in memory."""
        opened = self.opened()
        cuts = [cut for stream in streams if (cut := self.store.of(stream).cut)]
        return opened is not None and max([opened, *cuts]) <= time

    def _minutes(self) -> list[Rows]:
        """Return the rows of streams that have one for nearly every minute."""
        return [self.store.of(EVENTS), self.store.of(REVENUE), self.store.of(VISITORS)]

    @staticmethod
    def _checked(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
        if begin >= end:
            raise RangeError(f"from ({begin.isoformat()}) must lie before to ({end.isoformat()})")
        return begin, end
