"""What became of a recorded file, in numbers and in words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from footfall_generator.events.rows import Rows
from footfall_generator.events.streams import CHECKOUTS, CLICKS, REFUNDS
from footfall_generator.replay.formats.recorded import Recorded
from footfall_generator.replay.formats.set_apart import EXACT, Apart


@dataclass
class ReplayResult:
    """What became of the file, or of the part of it that was asked for."""

    currency: str
    """What its amounts are in."""
    categories: int = 0
    """Rows of the categories dimension published before."""
    published: Counter[str] = field(default_factory=Counter)
    """Events published and acknowledged, by topic."""
    apart: Apart = field(default_factory=Apart)
    """Lines left out."""
    net: Decimal | None = None
    """What the checkouts paid less what the refunds paid back: the file's total less `apart.amount`; None if it has no
    prices."""
    first_time: datetime | None = None
    """Earliest event time published."""
    last_time: datetime | None = None
    next_line: int = 1
    """The line after the last one published in file order: where to resume after an interruption."""
    interrupted: bool = False

    @property
    def events(self) -> int:
        """Rows published: clicks, checkouts and refunds."""
        return self.published.total()

    @property
    def clicks(self) -> int:
        """Rows published as clicks."""
        return self.published[CLICKS]

    @property
    def checkouts(self) -> int:
        """Rows published as checkouts."""
        return self.published[CHECKOUTS]

    @property
    def refunds(self) -> int:
        """Rows published as refunds."""
        return self.published[REFUNDS]

    def add(self, batch: Recorded, events: list[Rows], net: Decimal | None) -> None:
        """Count rows that were published as these events."""
        self.published.update({rows.topic: len(rows) for rows in events})
        if net is not None:
            self.net = EXACT.add(self.net or Decimal(0), net)
        first, last = (datetime.fromtimestamp(int(each), UTC) for each in (np.min(batch.time), np.max(batch.time)))
        self.first_time = min(first, self.first_time or first)
        self.last_time = max(last, self.last_time or last)
        self.next_line = max(self.next_line, int(np.max(batch.line)) + 1)

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        counts = {"clicks": self.clicks, "checkouts": self.checkouts, "refunds": self.refunds}
        told = [
            f"{count:,} {name}"
            for name, count in counts.items()
            if count or (self.net is not None and name != "clicks")
        ]
        apart = self.apart
        yield f"{self.events + apart.count:,} rows: {', '.join([*told, f'{apart.count:,} set apart'])}"
        if self.net is not None:
            yield f"net total {self.net:,f} {self.currency}, {apart.amount:,f} {self.currency} set apart"
        if self.first_time and self.last_time:
            yield f"from {self.first_time:%Y-%m-%d %H:%M:%S} to {self.last_time:%Y-%m-%d %H:%M:%S} UTC"
        if apart.count:
            yield "set apart: " + ", ".join(f"{reason} {count:,}" for reason, count in sorted(apart.reasons.items()))
        for line in apart.lines:
            yield f"line {line.number}: {line.detail}"
        if apart.count > len(apart.lines):
            yield f"and {apart.count - len(apart.lines):,} more lines set apart"
