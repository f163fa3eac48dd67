"""The rows of a UserBehavior file in the order and at the pace they are to be replayed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Literal, TypeAlias

import numpy as np

from footfall_generator.pacing import Pacer
from footfall_generator.userbehavior import COLUMNS, Behaviors, MalformedLine, read

Order: TypeAlias = Literal["time", "file"]

BATCH = 50_000
"""Rows encoded at once."""
TICK = 0.2
"""Seconds of real time published at once when paced."""
SHOWN = 20
"""Malformed lines kept with number and reason; the others are counted."""


@dataclass
class Source:
    """The part of a file that is to be replayed.

    Args:
        path: The file.
        now: Timestamps more than a day later are malformed.
        resume_from: First line to read, counted from 1.
        limit: Well-formed rows to read at most.
    """

    path: Path
    now: datetime
    resume_from: int = 1
    limit: int | None = None
    malformed: int = 0
    """Lines left out so far."""
    malformed_lines: list[MalformedLine] = field(default_factory=list)

    def batches(self, order: Order) -> Iterator[Behaviors]:
        """Return the rows in batches; the whole file is read before the first one if they go by time.

        Raises:
            OSError: The file cannot be read.
        """
        if order == "file":
            yield from self._blocks()
            return
        rows = Behaviors.concat(list(self._blocks()))
        by_time = np.argsort(rows.time, kind="stable")
        for first in range(0, len(rows), BATCH):
            yield rows.pick(by_time[first : first + BATCH])

    def complaint(self) -> str:
        """Say in one line why there are no rows."""
        if not self.path.stat().st_size:
            return f"{self.path}: the file is empty"
        if not self.malformed:
            return f"{self.path}: there is no line {self.resume_from}"
        first = self.malformed_lines[0]
        return (
            f"{self.path}: no line reads {','.join(COLUMNS)}; "
            f"{self.malformed:,} lines are malformed, such as line {first.number}: {first.reason}"
        )

    def _blocks(self) -> Iterator[Behaviors]:
        left = self.limit
        for rows, bad in read(self.path, self.now):
            wanted = [line for line in bad if line.number >= self.resume_from]
            kept = rows.pick(slice(int(np.searchsorted(rows.line, self.resume_from)), None)).pick(slice(left))
            if left is not None:
                left -= len(kept)
                wanted = wanted if left else [line for line in wanted if line.number <= kept.line[-1]]
            self.malformed += len(wanted)
            self.malformed_lines += wanted[: SHOWN - len(self.malformed_lines)]
            if len(kept):
                yield kept
            if left == 0:
                return


def paced(batches: Iterable[Behaviors], speed: float | None, stop: Event) -> Iterator[Behaviors]:
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
