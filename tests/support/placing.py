"""Many cases in one run: each gets days and ids of its own, and its rows are told from the others' by them. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from footfall_schemas.topics import Json

from support.cases import Case, Input, Tombstone

FIRST = datetime(2031, 1, 1, tzinfo=UTC)
"""Where cases are moved to, clear of all dates that are taken as written."""
APART = timedelta(days=3)
"""Longer than any window, session or horizon."""
BULK = datetime(2000, 1, 1, tzinfo=UTC)
"""Times before this mean `always` and are not moved."""
_MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Placed:
    """A case, and where in the run it is."""

    case: Case
    moved: timedelta
    tag: str
    """Put before ids, so that cases do not know one another's."""
    start: datetime
    end: datetime

    def rows(self, topic: str) -> Iterator[Input]:
        """Yield the case's rows of a topic as they are published."""
        for row in self.case.inputs.get(topic, []):
            match row:
                case dict():
                    yield self._moved(row)
                case Tombstone(key, when):
                    yield Tombstone(self._moved(key), when + self.moved)
                case _:
                    yield row

    def own(self, rows: Iterable[Json]) -> list[Json]:
        """Return the rows that the case caused, as it would have caused them alone."""
        return [self._back(row) for row in rows if self._owns(row)]

    def _moved(self, row: Json) -> Json:
        return {name: self._out(name, value) for name, value in row.items()}

    def _out(self, name: str, value: Any) -> Any:
        match value:
            case datetime() if value >= BULK:
                return value + self.moved
            case str() if name.endswith("_id") or name == "parent_category_name":
                return self.tag + value
        return value

    def _owns(self, row: Json) -> bool:
        if self.case.alone:
            return True
        when = next((value for value in row.values() if isinstance(value, datetime)), None)
        if when is None:
            return any(isinstance(value, str) and self.tag in value for value in row.values())
        return self.start - _MARGIN <= when < self.end + _MARGIN

    def _back(self, value: Any) -> Any:
        match value:
            case date():  # a datetime is one, too
                return value - self.moved
            case str():
                return value.replace(self.tag, "")
            case dict():
                return {name: self._back(item) for name, item in value.items()}
            case list():
                return [self._back(item) for item in value]
        return value


def runs_of(cases: Iterable[Case]) -> list[list[Case]]:
    """Return the cases by the run they share."""
    runs: dict[str, list[Case]] = {}
    for case in cases:
        runs.setdefault(case.id if case.alone else repr(sorted(case.settings.items())), []).append(case)
    return list(runs.values())


def place(cases: Sequence[Case]) -> list[Placed]:
    """Return the cases of one run, one after the other in time.

    Raises:
        ValueError: Two cases whose dates must be taken as written are less than some days apart.
    """
    placed: list[Placed] = []
    free = FIRST
    for case in sorted(cases, key=lambda case: (not case.verbatim, _span(case))):
        start, end = _span(case)
        moved = timedelta() if case.verbatim else timedelta(days=(free - start).days + 1)
        tag = "" if case.alone else f"{case.id}/"
        if case.verbatim and placed and start - placed[-1].end < APART:
            raise ValueError(f"{case.id} and {placed[-1].case.id} are both verbatim and too near; choose other dates")
        placed.append(Placed(case, moved, tag, start + moved, end + moved))
        free = max(free, end + moved + APART)
    return placed


def published(placed: Sequence[Placed], topic: str, order: Callable[[Input], Any] | None) -> list[Input]:
    """Return a topic's rows in the order in which they are published: case after case, or as `order` says."""
    rows = [row for each in placed for row in each.rows(topic)]
    return sorted(rows, key=order) if order else rows


def _span(case: Case) -> tuple[datetime, datetime]:
    rows = [row for rows in case.inputs.values() for row in rows if isinstance(row, dict)]
    times = [value for row in rows for value in row.values() if isinstance(value, datetime) and value >= BULK]
    return (min(times), max(times)) if times else (FIRST, FIRST)
