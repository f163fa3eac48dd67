"""Lines of a recorded file that become no event: each counted by its reason, the first of them kept."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal

SHOWN = 20
"""Lines kept with number and reason; the others are counted."""
EXACT = Context(prec=100)
"""Sums of what files hold: numbers of 18 digits on either side of the point, a price times a quantity, any count of them."""


@dataclass(frozen=True)
class SetApart:
    """A line that was left out."""

    number: int
    """Counted from 1; of several lines that make up one row, the first."""
    reason: str
    """One of few."""
    detail: str
    """What is wrong with this line, in words."""
    amount: Decimal | None = None
    """What the line says was paid, less what was paid back; None if it does not say."""


@dataclass
class Apart:
    """What was left out of a file so far."""

    reasons: Counter[str] = field(default_factory=Counter)
    """Lines by reason."""
    lines: list[SetApart] = field(default_factory=list)
    """The first of them."""
    amount: Decimal = Decimal(0)
    """What those lines were worth that say so."""

    @property
    def count(self) -> int:
        """How many lines were left out."""
        return self.reasons.total()

    def add(self, lines: Iterable[SetApart]) -> None:
        """Count the lines."""
        for line in lines:
            self.reasons[line.reason] += 1
            if len(self.lines) < SHOWN:
                self.lines.append(line)
            if line.amount is not None:
                self.amount = EXACT.add(self.amount, line.amount)
