"""How good forecasts are: made at every sale for stocks of several sizes, and held against when those were sold."""

import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Protocol

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from forecast_sales import DAY_MS, HOUR_MS, Sales, Shop

from support.oracle.forecasts import MODEL, History, Model, Movement, Outlook, Z, outlook
from support.oracle.rhythm import Clock, Rhythm, Rhythms, weights_of

STOCKS = (3, 6, 12, 24, 36)
"""Hours that a stock lasts at the product's mean pace."""
KNOWN = 3 * DAY_MS
"""Forecasts begin when the shop is so old: its rhythm is known from two whole days then."""
LEFT = 2
"""And end when so many times a stock's hours are left of the recording, at least a day."""
UNSOLD = 5 * DAY_MS
"""What is not sold in a recording is taken to have been sold so long after the forecast: all of it is too late."""
MISSED = 10
"""An interval that leaves out one case of ten on either side pays so many times for what it misses."""


class KnowsRhythm(Protocol):
    """Whatever says how the shop sells by the hour."""

    def at(self, time: int) -> Rhythm:
        """Return the rhythm that holds at a time."""
        ...


@dataclass(frozen=True)
class Constant:
    """The same rhythm at all times: of all hours alike, or one that is known from the start."""

    rhythm: Rhythm

    def at(self, _time: int) -> Rhythm:
        """Return it."""
        return self.rhythm


@dataclass(frozen=True)
class Flat:
    """Every hour is taken for the same; how the days differ is known."""

    rhythms: Rhythms

    def at(self, time: int) -> Rhythm:
        """Return a flat rhythm."""
        return Rhythm(weights_of([0] * 24), self.rhythms.at(time).variance)


@dataclass(frozen=True)
class Case:
    """A forecast, and when the stock was out."""

    stock: int
    time: int
    was: int
    outlook: Outlook
    rhythm: Rhythm
    clock: Clock

    def interval(self, z: float = Z) -> tuple[float, float]:
        """Return its ends, in hours from then; 336 where it is not told."""
        ends = (self.outlook.after(each, self.rhythm, self.clock, self.time) for each in (-z, z))
        earliest, latest = (336.0 if end is None else (end - self.time) / HOUR_MS for end in ends)
        return earliest, latest

    @property
    def hours(self) -> float:
        """How long it took."""
        return (self.was - self.time) / HOUR_MS


def learnt(shop: Shop, clock: Clock) -> Rhythms:
    """Return the rhythms as the job learns them: from the days before."""
    return Rhythms(shop.times, clock)


def known(shop: Shop, clock: Clock) -> Constant:
    """Return the rhythm of all the recording, which nobody knows before its end."""
    hours = [0] * 24
    for time in shop.times:
        hours[clock.day_and_hour(time)[1]] += 1
    return Constant(Rhythm(weights_of(hours), Rhythms(shop.times, clock).at(shop.times[-1]).variance))


def flat(shop: Shop, clock: Clock) -> Flat:
    """Return a constant rate."""
    return Flat(Rhythms(shop.times, clock))


def cases(shop: Shop, rhythms: KnowsRhythm, clock: Clock, model: Model = MODEL) -> Iterator[Case]:
    """Yield a forecast at every sale for each size of stock."""
    for sales in shop.products:
        sizes = {max(1, round(hours * HOUR_MS * sales.units_per_ms)): hours for hours in reversed(STOCKS)}
        history = History(model)
        for index, (time, units) in enumerate(zip(sales.times, sales.units, strict=True)):
            rhythm = rhythms.at(time)
            history.add(Movement(time, units, 1), rhythm, clock)
            if time < shop.times[0] + KNOWN:
                continue
            for quantity, hours in sizes.items():
                if time <= shop.times[-1] - max(24, LEFT * hours) * HOUR_MS:
                    history.movement = Movement(time, units, quantity)
                    if found := outlook(history, rhythm):
                        yield Case(hours, time, _sold_out(sales, index, quantity), found, rhythm, clock)


def _sold_out(sales: Sales, index: int, quantity: int) -> int:
    was, latest = sales.sold_out(index, quantity), sales.times[index] + UNSOLD
    return latest if was is None else min(was, latest)


@dataclass(frozen=True)
class Figures:
    """What intervals were worth; widths in hours."""

    forecasts: int
    holds: float
    give_or_take: float
    """Standard error of that, by days."""
    out_before: float
    out_after: float
    width: float
    score: float
    """Mean width, and ten times what it missed by."""


def figures(found: Sequence[Case], z: float = Z) -> Figures:
    """Return what intervals of so many standard deviations are worth."""
    ends = [(case, *case.interval(z)) for case in found]
    before = [case.hours < earliest for case, earliest, _ in ends]
    after = [case.hours > latest for case, _, latest in ends]
    by_day = defaultdict(list)
    for (case, *_), early, late in zip(ends, before, after, strict=True):
        by_day[case.time // DAY_MS].append(not early and not late)
    days = [fmean(held) for held in by_day.values()]
    missed = (max(0.0, earliest - case.hours, case.hours - latest) for case, earliest, latest in ends)
    width = fmean(latest - earliest for _, earliest, latest in ends)
    return Figures(
        len(found),
        1 - fmean(before) - fmean(after),
        stdev(days) / math.sqrt(len(days)),
        fmean(before),
        fmean(after),
        width,
        width + MISSED * fmean(missed),
    )


def width_at(found: Sequence[Case], coverage: float) -> float:
    """Return the mean width of intervals that are made wider or narrower until they hold so often."""
    low, high = 0.0, 8.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if figures(found, middle).holds < coverage else (low, middle)
    return figures(found, high).width


def some(found: Sequence[Case], most: int, draw: Callable[[int, int], list[int]]) -> list[Case]:
    """Return so many of the cases at most."""
    return list(found) if len(found) <= most else [found[index] for index in sorted(draw(len(found), most))]
