"""Rows in memory, by stream and time, within bounds. Pure: no network, no clock."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from footfall_dashboard.live.rows import STREAMS, Key, Row, Stream


@dataclass
class Rows:
    """The rows of one stream."""

    stream: Stream[Any]
    most: int
    """How many may be kept; of more, the oldest go first."""
    version: int = 0
    """Grows with every change."""
    size: int = 0
    dropped: int = 0
    """How many the bound took away."""
    cut: datetime | None = None
    """Before this time rows are missing: the bound took them away, or nobody asked for them."""
    front: datetime | None = None
    """Event time that the newest row speaks of: the end of its window."""
    delay: float | None = None
    """Seconds between that and the moment in which it was first read; None: it was there already at the start."""
    _by_time: dict[datetime | None, dict[Key, Any]] = field(default_factory=dict)
    _times: list[datetime] = field(default_factory=list)
    _key: Any = field(init=False)
    _time: int | None = field(init=False)
    _end: int | None = field(init=False)

    def __post_init__(self) -> None:
        fields = self.stream.row._fields
        self._key = itemgetter(*(fields.index(name) for name in self.stream.key))
        self._time = None if self.stream.time is None else fields.index(self.stream.time)
        self._end = fields.index("window_end") if "window_end" in fields else self._time

    def put(self, row: Any, read_at: datetime | None = None) -> None:
        """Take one row; one of the same key is replaced.

        Args:
            row: The stream's.
            read_at: When it was read, if it is not one of those that were there already at the start.
        """
        key, time = self._key(row), self._time_of(row)
        if self.stream.counted:
            key = hash(key)
        if not self.stream.keeps(row):
            self._drop(time, key)
            return
        if (rows := self._by_time.get(time)) is None:
            rows = self._by_time[time] = {}
            if time is not None:
                insort(self._times, time)
        kept = None if self.stream.counted else row
        if key in rows and rows[key] == kept:
            return
        self.version += 1
        self.size += key not in rows
        # Of rows without a time, those that have not changed for longest come first.
        rows.pop(key, None)
        rows[key] = kept
        if self._end is not None and (self.front is None or row[self._end] > self.front):
            self.front = row[self._end]
            self.delay = None if read_at is None else (read_at - row[self._end]).total_seconds()
        if self.size > self.most:
            self._shrink()

    def drop(self, key: tuple[Any, ...]) -> None:
        """Forget the row of a key, given all its columns; none is fine."""
        self._drop(None, key if len(key) > 1 else key[0])

    def begin(self, time: datetime) -> None:
        """Take notice that rows before this time are not read."""
        self.cut = time if self.cut is None else max(self.cut, time)

    def forget_before(self, time: datetime) -> None:
        """Forget what lies before this time."""
        if number := bisect_left(self._times, time):
            self._forget(number)
            self.begin(time)

    def clear(self) -> None:
        """Forget everything: the topic was made anew."""
        self.version += 1
        self.size, self.dropped, self.cut, self.front, self.delay = 0, 0, None, None, None
        self._by_time.clear()
        self._times.clear()

    def first(self) -> datetime | None:
        """Return the time of the oldest row."""
        return self._times[0] if self._times else None

    def newest(self, before: datetime | None = None) -> datetime | None:
        """Return the newest time at which, and not later than which, there is a row."""
        if before is None:
            return self._times[-1] if self._times else None
        place = bisect_left(self._times, before)
        found = place < len(self._times) and self._times[place] == before
        return before if found else self._times[place - 1] if place else None

    def all(self) -> Iterator[Any]:
        """Yield every row, oldest first."""
        for rows in self._by_time.values() if self._time is None else map(self._by_time.__getitem__, self._times):
            yield from rows.values()

    def between(self, begin: datetime, end: datetime) -> Iterator[Any]:
        """Yield the rows from a time on to another, which is not part of it, oldest first."""
        for time in self._times[bisect_left(self._times, begin) : bisect_left(self._times, end)]:
            yield from self._by_time[time].values()

    def at(self, time: datetime) -> Iterable[Any]:
        """Return the rows of one time."""
        return self._by_time.get(time, {}).values()

    def counts(self, begin: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
        """Yield how many rows each minute has, from a time on to another, oldest first."""
        for time in self._times[bisect_left(self._times, begin) : bisect_left(self._times, end)]:
            yield time, len(self._by_time[time])

    def _time_of(self, row: Any) -> datetime | None:
        # Windows begin with a minute; of what has no window, the minute is all that is asked for.
        return None if self._time is None else row[self._time].replace(second=0, microsecond=0)

    def _drop(self, time: datetime | None, key: Any) -> None:
        rows = self._by_time.get(time, {})
        if key in rows:
            del rows[key]
            self.size -= 1
            self.version += 1

    def _shrink(self) -> None:
        """Get below the bound: by time the oldest go, by key those that have not changed for longest."""
        before = self.size
        if self._times:
            self._forget(1)
            self.cut = self._times[0] if self._times else self.front
        else:
            rows = self._by_time[None]
            del rows[next(iter(rows))]
            self.size -= 1
        self.dropped += before - self.size

    def _forget(self, number: int) -> None:
        if number:
            self.size -= sum(len(self._by_time.pop(time)) for time in self._times[:number])
            del self._times[:number]
            self.version += 1


class Store:
    """Everything that panels are drawn from.

    Args:
        most: Rows of one stream that may be kept.
        streams: What is kept.
    """

    def __init__(self, most: int, streams: Iterable[Stream[Any]] = STREAMS) -> None:
        self._rows = {stream.topic: Rows(stream, most) for stream in streams}

    def of(self, stream: Stream[Any]) -> Rows:
        """Return a stream's rows."""
        return self._rows[stream.topic]

    def named(self, topic: str) -> Rows:
        """Return the rows of a topic."""
        return self._rows[topic]

    def between(self, stream: Stream[Row], begin: datetime, end: datetime) -> Iterator[Row]:
        """Yield a stream's rows from a time on to another, which is not part of it, oldest first."""
        yield from self._rows[stream.topic].between(begin, end)

    def at(self, stream: Stream[Row], time: datetime) -> Iterable[Row]:
        """Return a stream's rows of one time."""
        return self._rows[stream.topic].at(time)

    def all(self, stream: Stream[Row]) -> Iterator[Row]:
        """Yield every row of a stream."""
        yield from self._rows[stream.topic].all()

    def sizes(self) -> dict[str, int]:
        """Return how many rows there are, by topic."""
        return {topic: rows.size for topic, rows in self._rows.items()}

    def dropped(self) -> int:
        """Return how many rows the bound took away."""
        return sum(rows.dropped for rows in self._rows.values())
