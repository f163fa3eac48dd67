"""Faults on purpose: messages held back, repeated or damaged on their way out; event times stay as they are."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from footfall_generator.events.arrays import Ints
from footfall_generator.events.clock import milliseconds
from footfall_generator.events.rows import Fault, Rows
from footfall_generator.faults.corrupt import damage


@dataclass(frozen=True)
class Faults:
    """How many messages of the event streams get which fault, in percent; a message gets one fault at most."""

    out_of_order: float = 0.0
    late: float = 0.0
    duplicates: float = 0.0
    poison: float = 0.0
    max_disorder: timedelta = timedelta(seconds=4)
    """Longest hold-back of an out-of-order or repeated message: less than the delay of the readers' watermark."""
    max_delay: timedelta = timedelta(minutes=1)
    """Longest hold-back of a late message; the shortest lies half-way between the two."""

    def __post_init__(self) -> None:
        """Check the dials.

        Raises:
            ValueError: A share is no percentage, they add up to more than 100, or the two bounds cross.
        """
        shares = (self.out_of_order, self.late, self.duplicates, self.poison)
        if any(not 0 <= share <= 100 for share in shares) or sum(shares) > 100:  # noqa: PLR2004
            raise ValueError(f"fault percentages lie between 0 and 100 and add up to 100 at most, not {shares}")
        if not timedelta(milliseconds=1) <= self.max_disorder < self.max_delay:
            raise ValueError(f"max-delay ({self.max_delay}) must exceed max-disorder ({self.max_disorder})")

    @property
    def any(self) -> bool:
        """Whether there is any fault to make."""
        return self.out_of_order + self.late + self.duplicates + self.poison > 0


@dataclass
class FaultInjector:
    """Lets messages of the event streams pass, some of them later, twice or damaged."""

    faults: Faults
    rng: np.random.Generator
    counts: Counter[Fault] = field(default_factory=Counter)
    """Messages let out, by fault."""
    _newest: Counter[str] = field(default_factory=Counter)
    """Latest event time that was let out, by topic."""
    _held: dict[str, tuple[Rows, Ints]] = field(default_factory=dict)

    def pass_on(self, rows: Rows, now: int) -> Rows:
        """Return what leaves by event time `now`: of these messages, and of those held back before."""
        if not self.faults.any:
            self.counts[Fault.NORMAL] += len(rows)
            return rows
        batch, due = self._afflict(rows)
        if rows.topic in self._held:
            held, held_due = self._held.pop(rows.topic)
            batch, due = Rows.concat((held, batch)), np.concatenate((held_due, due))
        leaving = np.flatnonzero(due <= now)
        staying = np.flatnonzero(due > now)
        self._held[rows.topic] = batch.pick(staying), due[staying]
        return self._let_out(batch.pick(leaving[np.argsort(due[leaving], kind="stable")]))

    def drain(self) -> list[Rows]:
        """Return everything still held back; what turns out not to be late was merely out of order."""
        drained = []
        for rows, due in self._held.values():
            ordered = rows.pick(np.argsort(due, kind="stable"))
            newest = np.maximum(np.maximum.accumulate(ordered.times), self._newest[rows.topic])
            in_bounds = newest - ordered.times <= milliseconds(self.faults.max_disorder)
            ordered.faults[(ordered.faults == Fault.LATE) & in_bounds] = Fault.OUT_OF_ORDER
            drained.append(self._let_out(ordered))
        self._held.clear()
        return [rows for rows in drained if len(rows)]

    def _afflict(self, rows: Rows) -> tuple[Rows, Ints]:
        """Return the messages with the extra ones, and when each is due, in milliseconds since 1970."""
        faults, rng, count = self.faults, self.rng, len(rows)
        spread, delay = milliseconds(faults.max_disorder), milliseconds(faults.max_delay)
        bounds = np.cumsum([faults.out_of_order, faults.late, faults.duplicates, faults.poison]) / 100
        lot = np.searchsorted(bounds, rng.random(count), side="right")
        shuffled, late, repeated, damaged = (np.flatnonzero(lot == number) for number in range(4))

        kinds, due = np.full(count, Fault.NORMAL, dtype=np.int64), rows.times.copy()
        kinds[shuffled], kinds[late] = Fault.OUT_OF_ORDER, Fault.LATE
        due[shuffled] += rng.integers(1, spread + 1, len(shuffled))
        due[late] += rng.integers((spread + delay) // 2, delay + 1, len(late))
        whole = Rows(rows.topic, rows.times, rows.keys, rows.values, kinds)
        copies = _marked(rows.pick(repeated), Fault.DUPLICATE)
        broken = damage(_marked(rows.pick(damaged), Fault.POISON), rng)
        copies_due = rows.times[repeated] + rng.integers(1, spread + 1, len(repeated))
        return Rows.concat((whole, copies, broken)), np.concatenate((due, copies_due, rows.times[damaged]))

    def _let_out(self, rows: Rows) -> Rows:
        for fault, count in enumerate(np.bincount(rows.faults, minlength=len(Fault)).tolist()):
            self.counts[Fault(fault)] += count
        self._newest[rows.topic] = max(self._newest[rows.topic], int(rows.times.max(initial=0)))
        return rows


def _marked(rows: Rows, fault: Fault) -> Rows:
    return Rows(rows.topic, rows.times, rows.keys, rows.values, np.full(len(rows), fault, dtype=np.int64))
