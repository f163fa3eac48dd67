"""Names of Parquet files, and what they say of what is exported. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

SUFFIX = ".parquet"
_NAME = re.compile(r"(?P<topic>.+)-(?P<partition>\d+)-(?P<first>\d+)-(?P<last>\d+)\.parquet")


@dataclass(frozen=True, order=True)
class Range:
    """One file: from which offset of a partition to which, both included."""

    first: int
    last: int
    path: str


def path_of(day: date, topic: str, partition: int, first: int, last: int) -> str:
    """Return where a batch's file lies within its stream's folder; names sort as offsets do."""
    return f"day={day.isoformat()}/{topic}-{partition}-{first:020d}-{last:020d}{SUFFIX}"


def ranges(paths: Iterable[str], topic: str, partition: int) -> list[Range]:
    """Return the files of one partition among these paths, in order."""
    found = []
    for path in paths:
        match = _NAME.fullmatch(path.rsplit("/", 1)[-1])
        if match and match["topic"] == topic and int(match["partition"]) == partition:
            found.append(Range(int(match["first"]), int(match["last"]), path))
    return sorted(found)


def doubles(files: Iterable[Range]) -> list[Range]:
    """Return the files all of whose offsets others have, too: left by an instance that lost its partition while it wrote.

    Every file begins where another ends, whoever writes it; of two ways through the offsets the one that leads on stays.
    """
    known = sorted(files)
    reach: dict[int, int] = {}
    for file in reversed(known):
        reach[file.first] = max(reach.get(file.first, -1), reach.get(file.last + 1, file.last))
    chosen: list[Range] = []
    at = -1
    for file in known:
        leads_on = reach.get(file.last + 1, file.last) == reach[file.first]
        if file.first >= at and leads_on and not (chosen and chosen[-1].first == file.first):
            chosen.append(file)
            at = file.last + 1
    return [file for file in known if file not in chosen and _have(chosen, file)]


def _have(files: list[Range], other: Range) -> bool:
    """Tell whether files, one behind the other, have all offsets of another one."""
    at = other.first
    for file in files:
        if file.first <= at <= file.last:
            at = file.last + 1
    return at > other.last


def end(files: Iterable[Range]) -> int:
    """Return the offset behind all files; 0 if there are none."""
    return max((file.last + 1 for file in files), default=0)
