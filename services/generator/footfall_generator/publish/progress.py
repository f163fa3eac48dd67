"""Says how far a command has come: a bar in a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINE_EVERY = 5.0
"""Seconds between two lines."""
BAR_EVERY = 0.1


class Report(Protocol):
    """Takes the number of events so far; may be called as often as one likes."""

    def __call__(self, events: int) -> None:
        """Show it, if it is time to."""


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Report]:
    """Show progress on standard error while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title, total)
        return
    columns = (
        TextColumn(title),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=total, rate="")
        show = _Gate(BAR_EVERY)

        def report(events: int) -> None:
            if rate := show(events):
                bar.update(task, completed=events, rate=rate)

        yield report


def _lines(title: str, total: int | None) -> Report:
    show = _Gate(LINE_EVERY)
    of_total = f" of {total:,}" if total else ""

    def report(events: int) -> None:
        if rate := show(events):
            print(f"{title}: {events:,}{of_total}, {rate}", file=sys.stderr, flush=True)

    return report


class _Gate:
    """Returns the rate since the last time, but only every so many seconds."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._last = time.monotonic()
        self._events = 0

    def __call__(self, events: int) -> str:
        passed = time.monotonic() - self._last
        if passed < self._interval:
            return ""
        rate = f"{(events - self._events) / passed:,.0f}/s"
        self._last, self._events = time.monotonic(), events
        return rate
