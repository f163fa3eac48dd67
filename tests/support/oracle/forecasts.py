"""When stock will be out, by what was sold of it, the older the less, and by the shop's rhythm: docs/forecasts.md.

Times are milliseconds since 1970. The steps, and the order of every sum and product, are those of the page: so all numbers
are equal to the bit, whoever computes them.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from support.oracle.rhythm import (
    AVERAGE,
    HOUR_MS,
    MILLISECOND,
    Clock,
    Rhythm,
    Rhythms,
    after,
    selling_time,
)
from support.oracle.rows import EPOCH, Row, time_of

MINUTE_MS = 60_000
FORGOTTEN_MS = 28 * 24 * HOUR_MS
"""A stock that did not move for so long begins anew."""
FEWEST_SALES = 5
LEAST_UNITS = 0.01
SHORTEST = HOUR_MS // 6 * AVERAGE
Z = 1.2815515655446004
PRIOR = 0.5
LEAST_SHAPE = 0.5


class Model(NamedTuple):
    """What was chosen on the sales of another shop: bench/forecasts.py."""

    kept_in_an_hour: float = 0.9958826236582974
    """Half of it in 168 hours."""
    block_hours: int = 3
    usual_sales: float = 40.0
    usual_dispersion: float = 1.3


MODEL = Model()


class Forecast(NamedTuple):
    """What is foretold; None is too far away, or unknown without stock."""

    sales_per_hour: float
    stockout_at: int | None
    stockout_earliest: int | None
    stockout_latest: int | None


class Movement(NamedTuple):
    """An inventory update."""

    time: int
    units: int
    """How many were sold; 0 if it was no sale."""
    quantity: int
    """How many are left."""


@dataclass
class Sums:
    """What is added up; of every hour that is over a part is kept."""

    units: float = 0.0
    squares: float = 0.0
    selling: float = 0.0


@dataclass
class Blocks:
    """What is added up of the blocks of hours that are over."""

    units: float = 0.0
    selling: float = 0.0
    units_squared: float = 0.0
    units_by_selling: float = 0.0
    selling_squared: float = 0.0


@dataclass
class History:
    """What one product sold from one warehouse, the older the less."""

    model: Model = MODEL
    movement: Movement | None = None
    """The newest one."""
    sales: int = 0
    sums: Sums = field(default_factory=Sums)
    block: Sums = field(default_factory=Sums)
    """Of the block of hours that is not over; its squares are not used."""
    blocks: Blocks = field(default_factory=Blocks)

    def add(self, movement: Movement, rhythm: Rhythm, clock: Clock) -> None:
        """Note the newest movement; the time since the one before is weighed by the rhythm that holds now."""
        if self.movement is not None:
            if movement.time - self.movement.time > FORGOTTEN_MS:
                self.sales, self.sums, self.block, self.blocks = 0, Sums(), Sums(), Blocks()
            else:
                # What is sold without stock could be sold all the time.
                could = self.movement.quantity > 0 or movement.units > 0
                self._pass(self.movement.time, movement.time, rhythm if could else None, clock)
        self.movement = movement
        if movement.units:
            self.sales += 1
            self.sums.units += movement.units
            self.sums.squares += float(movement.units) * movement.units
            self.block.units += movement.units

    def _pass(self, start: int, end: int, rhythm: Rhythm | None, clock: Clock) -> None:
        for hour in range(start // HOUR_MS, end // HOUR_MS + 1):
            since, until = max(start, hour * HOUR_MS), min(end, (hour + 1) * HOUR_MS)
            if since >= until:
                continue
            selling = selling_time(rhythm, clock, since, until) if rhythm else 0
            self.sums.selling += selling
            self.block.selling += selling
            if until == (hour + 1) * HOUR_MS:
                self._end_of(hour)

    def _end_of(self, hour: int) -> None:
        kept = self.model.kept_in_an_hour
        for sums in (self.sums, self.blocks):
            for name, value in vars(sums).items():
                setattr(sums, name, value * kept)
        if (hour + 1) % self.model.block_hours == 0:
            units, selling, blocks = self.block.units, self.block.selling, self.blocks
            blocks.units += units
            blocks.selling += selling
            blocks.units_squared += units * units
            blocks.units_by_selling += units * selling
            blocks.selling_squared += selling * selling
            self.block = Sums()

    def dispersion(self) -> float:
        """Return the variance of what is sold in a block, divided by its mean."""
        clump, blocks = self.sums.squares / self.sums.units, self.blocks
        deviations = expected = 0.0
        if blocks.selling > 0:
            pace = blocks.units / blocks.selling
            deviations = (
                blocks.units_squared - 2 * pace * blocks.units_by_selling + pace * pace * blocks.selling_squared
            )
            expected = blocks.units
        usual = self.model.usual_sales * clump
        found = (max(0.0, deviations) + usual * (self.model.usual_dispersion * clump)) / (expected + usual)
        return max(clump, found)


class Outlook(NamedTuple):
    """What is known of the selling time that is left: an expectation times a quotient of two gamma distributed numbers."""

    per_hour: float
    expected: float
    demand: float
    """Shape of the time in which what is left is sold, and of the pace."""
    rate: float

    def after(self, z: float, rhythm: Rhythm, clock: Clock, time: int) -> int | None:
        """Return when the stock is out; earlier in such a part of all cases as a normal distribution has below z."""
        found = after(rhythm, clock, time, self.expected * quantile(self.demand, self.rate, z))
        return None if found is None else -(-found // MINUTE_MS) * MINUTE_MS


def outlook(history: History, rhythm: Rhythm) -> Outlook | None:
    """Return what is known as of the newest movement; None when too little has been sold to say anything."""
    sums, movement = history.sums, history.movement
    if movement is None or history.sales < FEWEST_SALES or sums.units < LEAST_UNITS or sums.selling < SHORTEST:
        return None
    per_hour = sums.units * float(HOUR_MS * AVERAGE) / sums.selling
    if movement.quantity <= 0:
        return Outlook(per_hour, math.inf, math.inf, math.inf)
    dispersion = history.dispersion()
    seen = sums.units + PRIOR * dispersion
    return Outlook(
        per_hour,
        sums.selling * movement.quantity / seen,
        max(LEAST_SHAPE, 1 / (dispersion / movement.quantity + rhythm.variance / 1000)),
        max(LEAST_SHAPE, seen / dispersion),
    )


def forecast(history: History, rhythm: Rhythm, clock: Clock) -> Forecast | None:
    """Return when a stock will be out, as of its newest movement; None when too little has been sold to say it."""
    found, movement = outlook(history, rhythm), history.movement
    if found is None or movement is None:
        return None
    if movement.quantity <= 0:
        return Forecast(found.per_hour, None, None, None)
    return Forecast(found.per_hour, *(found.after(z, rhythm, clock, movement.time) for z in (0.0, -Z, Z)))


def quantile(shape: float, other_shape: float, z: float) -> float:
    """Return a quantile of the quotient of two gamma distributed numbers of mean 1."""
    one, other = 1 / (9 * shape), 1 / (9 * other_shape)
    mean, other_mean = 1 - one, 1 - other
    divisor = other_mean * other_mean - z * z * other
    root = mean * mean * other + other_mean * other_mean * one - z * z * one * other
    cube = (mean * other_mean + z * math.sqrt(root)) / divisor
    return 0.0 if cube <= 0 else cube * cube * cube


def forecasts(movements: Iterable[Movement], rhythms: Rhythms, clock: Clock) -> Iterator[Forecast | None]:
    """Return the forecast after each movement of one stock, which are in order of time."""
    history = History()
    for movement in movements:
        rhythm = rhythms.at(movement.time)
        history.add(movement, rhythm, clock)
        yield forecast(history, rhythm, clock)


def movement_of(row: Row) -> Movement:
    sold = -row["change"] if row["reason"] == "sale" and row["change"] < 0 else 0
    return Movement((time_of(row) - EPOCH) // MILLISECOND, sold, row["quantity_on_hand"])
