"""Rows of a CSV file with the numbers of their lines: commas, quotes and line ends within quotes are the field's."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator

from footfall_schemas.errors import PermanentError

MOST_LINES = 100
"""Lines that one row can go on for; a quote that nobody closes swallows no more."""


class BrokenRowError(PermanentError, ValueError):
    """The line does not begin a row of a CSV file."""


class _Lines:
    """Lines one by one; some can be given back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._back: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return self._back.popleft() if self._back else next(self._lines)

    def give_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))


def read_rows(lines: Iterable[str], first: int) -> Iterator[tuple[int, list[str] | BrokenRowError]]:
    """Return each row with the number of its first line; a blank line has no fields.

    A line whose quotes do not match is an error, and the next line is read as if nothing had been.

    Args:
        lines: With their line ends.
        first: The number of the first of them.
    """
    number, rest = first, _Lines(lines)
    for line in rest:
        if '"' in line:
            row, taken = _quoted(line, rest)
            yield number, row
            number += taken
        else:
            bare = line.removesuffix("\n").removesuffix("\r")
            yield number, bare.split(",") if bare.strip() else []
            number += 1


def _quoted(line: str, rest: _Lines) -> tuple[list[str] | BrokenRowError, int]:
    """Return the row that begins with the line, and how many lines it took."""
    taken: list[str] = []

    def supply() -> Iterator[str]:
        taken.append(line)
        yield line
        while len(taken) < MOST_LINES and (more := next(rest, None)) is not None:
            taken.append(more)
            yield more

    try:
        return next(csv.reader(supply(), strict=True)), len(taken)
    except csv.Error as error:
        rest.give_back(taken[1:])
        return BrokenRowError(f"its quotes do not match: {error}"), 1
