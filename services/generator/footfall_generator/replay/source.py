"""The rows of a recorded file in the order and at the pace they are to be replayed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Generic, Literal, TypeAlias

import numpy as np

from footfall_generator.publish.pacing import Pacer
from footfall_generator.replay.formats.recorded import Batch, Format
from footfall_generator.replay.formats.set_apart import Apart, SetApart

Order: TypeAlias = Literal["time", "file"]

BATCH = 50_000
"""Rows encoded at once."""
TICK = 0.2
"""Seconds of real time published at once when paced."""


@dataclass
class Source(Generic[Batch]):
    """The part of a file that is to be replayed.

    Args:
        file_format: What the file holds.
        path: The file.
        now: What happened more than a day later is set apart.
        resume_from: First line to read, counted from 1.
        limit: Rows that become events to read at most.
    """

    file_format: Format[Batch]
    path: Path
    now: datetime
    resume_from: int = 1
    limit: int | None = None
    apart: Apart = field(default_factory=Apart)
    """What was left out so far."""

    def batches(self, order: Order) -> Iterator[Batch]:
        """Return the rows in batches; the whole file is read before the first one if they go by time.

        Raises:
            FormatError: The file is of another format.
            OSError: The file cannot be read.
        """
        if order == "file":
            yield from self._blocks()
            return
        rows = self.file_format.concat(list(self._blocks()))
        by_time = np.argsort(rows.time, kind="stable")
        for first in range(0, len(rows), BATCH):
            yield rows.pick(by_time[first : first + BATCH])

    def complaint(self) -> str:
        """Say in one line why there are no rows."""
        if self.apart.count:
            first = self.apart.lines[0]
            return (
                f"{self.path}: {self.file_format.row}; "
                f"{self.apart.count:,} lines were set apart, such as line {first.number}: {first.detail}"
            )
        return f"{self.path}: " + (
            "the file is empty" if self.resume_from == 1 else f"there is no line {self.resume_from}"
        )

    def _blocks(self) -> Iterator[Batch]:
        left = self.limit
        for rows, bad in self.file_format.read(self.path, self.now):
            kept = rows.pick(slice(int(np.searchsorted(rows.line, self.resume_from)), None)).pick(slice(left))
            if left is not None:
                left -= len(kept)
            last = int(kept.line[-1]) if left == 0 else None
            self.apart.add(self._wanted(bad, last))
            if len(kept):
                yield kept
            if left == 0:
                return

    def _wanted(self, bad: list[SetApart], last: int | None) -> Iterator[SetApart]:
        """Return those that belong to the part that is replayed."""
        return (line for line in bad if line.number >= self.resume_from and (last is None or line.number <= last))


def paced(batches: Iterable[Batch], speed: float | None, stop: Event) -> Iterator[Batch]:
    """Return the rows when they are due, until stopped.

    Args:
        batches: The rows in order; where time steps back, rows are due at once.
        speed: Event time passes so many times as fast as real time; None does not wait at all.
        stop: Ends the replay.
    """
    pacer: Pacer | None = None
    latest = 0
    for batch in batches:
        if speed is None:
            pieces = [batch]
        else:
            due = np.maximum(np.maximum.accumulate(batch.time), latest)
            ticks = np.flatnonzero(np.diff((due / (TICK * speed)).astype(np.int64))) + 1
            pieces = [batch.pick(slice(*ends)) for ends in zip([0, *ticks], [*ticks, len(due)], strict=True)]
        for piece in pieces:
            latest = max(latest, int(piece.time.max()))
            if speed is not None:
                if pacer is None:
                    pacer = Pacer(stop, speed=speed)
                    pacer.start(latest * 1000)
                pacer.wait_for(latest * 1000)
            if stop.is_set():
                return
            yield piece
