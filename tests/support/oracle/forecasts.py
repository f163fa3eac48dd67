"""When stock will be out, by what was sold in the last hours and the shop's rhythm: docs/forecasts.md.

Times are milliseconds since 1970. The steps, and the order of every sum and product, are those of the page: so all numbers
are equal to the bit, whoever computes them.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from support.oracle.clock import part_of_day
from support.oracle.rows import EPOCH, HOUR, Row, time_of

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
AVERAGE = 1000
"""Weight of an hour in which the shop sells as much as in an average one."""
RHYTHM_DAYS = 7
USUAL_DAYS = 3
USUAL_OF_DAYS = 0.03
MADE_UP_SALES = 2
MEMORY_HOURS = 168
FARTHEST_MS = 14 * 24 * HOUR_MS
FEWEST_SALES = 5
SHORTEST = HOUR_MS // 6 * AVERAGE
EVIDENCE = 100
Z = 1.2815515655446004
PRIOR = 0.5
USUAL_VARIANCE = 0.02
LONGEST_BLOCK = 12
LEAST_SHAPE = 0.5
BULK = 1_000_000
ENDLESS = 1e15
MILLISECOND = timedelta(milliseconds=1)


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


class Clock:
    """What the shop's clock shows, hour by hour UTC."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._pieces: dict[int, list[tuple[int, int, int]]] = {}

    def day_and_hour(self, time: int) -> tuple[int, int]:
        """Return the day, counted from 1970, and the hour that it shows."""
        shown = _moment(time).astimezone(self._zone)
        return (shown.replace(tzinfo=UTC) - EPOCH).days, shown.hour

    def pieces(self, hour: int) -> list[tuple[int, int, int]]:
        """Return the parts of an hour, counted from 1970, in which the clock shows one: beginning, end and the hour shown."""
        if hour not in self._pieces:
            self._pieces[hour] = list(self._cut(hour * HOUR_MS, (hour + 1) * HOUR_MS))
        return self._pieces[hour]

    def _cut(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        while start < end:
            _, over = part_of_day(_moment(start), HOUR, self._zone)
            until = min(end, (over - EPOCH) // MILLISECOND)
            yield start, until, self.day_and_hour(start)[1]
            start = until


class Rhythm(NamedTuple):
    """How the shop sells by the hour of its day, and how its days differ."""

    weights: list[int]
    """Of each hour."""
    variance: int
    """Relative variance of the sales of its days beyond chance, in thousandths."""


def variance_of_days(sales: Sequence[int]) -> int:
    """Return the relative variance of days beyond chance, in thousandths, given the sales of each; 1000 at most."""
    excess = 0.0
    if len(sales) > 1:
        mean = float(sum(sales)) / len(sales)
        deviations = 0.0
        for each in sales:
            deviations += (each - mean) * (each - mean)
        excess = max(0.0, (deviations / (len(sales) - 1) - mean) / (mean * mean))
    days = len(sales) if len(sales) > 1 else 0
    mixed = (days * excess + USUAL_DAYS * USUAL_OF_DAYS) / (days + USUAL_DAYS)
    return math.floor(1000 * min(1.0, mixed))


def weights_of(sales: Sequence[int]) -> list[int]:
    """Return how much each hour of the day weighs, given its number of sales."""
    smooth = [sales[hour - 1] + sales[(hour + 1) % 24] + 2 * sales[hour] + 4 * MADE_UP_SALES for hour in range(24)]
    return [max(1, each * 24 * AVERAGE // sum(smooth)) for each in smooth]


class Rhythms:
    """The rhythm of each day of the shop.

    Args:
        sales: Times of all sales, in order.
        clock: The shop's.
    """

    def __init__(self, sales: Sequence[int], clock: Clock) -> None:
        self._sales = sales
        self._shown = [clock.day_and_hour(time) for time in sales]
        self._clock = clock
        # A clock that is set back just after midnight shows a day twice, with more known of the day before.
        self._turns = [
            index for index, (day, _) in enumerate(self._shown) if index == 0 or day != self._shown[index - 1][0]
        ]
        self._known: dict[tuple[int, int], Rhythm] = {}

    def at(self, time: int) -> Rhythm:
        """Return the rhythm that holds at a time: that of the whole days before."""
        day, _ = self._clock.day_and_hour(time)
        before = bisect_left(self._sales, time)
        if before and self._shown[before - 1][0] == day:
            before = self._turns[bisect_right(self._turns, before - 1) - 1]
        if (day, before) not in self._known:
            # The first day of all began before there was anybody to count.
            first = max(day - RHYTHM_DAYS, self._shown[0][0] + 1) if before else day
            counted = [(shown, hour) for shown, hour in self._shown[:before] if first <= shown < day]
            hours, days = Counter(hour for _, hour in counted), Counter(shown for shown, _ in counted)
            self._known[day, before] = Rhythm(
                weights_of([hours[hour] for hour in range(24)]), variance_of_days([days[each] for each in sorted(days)])
            )
        return self._known[day, before]


@dataclass
class Hour:
    """What is known of one hour of a stock."""

    sales: int = 0
    units: int = 0
    squares: int = 0
    without: int = 0
    """Milliseconds without stock."""


@dataclass
class History:
    """What one product sold from one warehouse."""

    since: int
    hours: dict[int, Hour] = field(default_factory=lambda: defaultdict(Hour))
    out_since: int | None = None

    def add(self, movement: Movement) -> None:
        """Note the newest movement."""
        time, units, quantity = movement
        # What is sold without stock could be sold all the time.
        if self.out_since is not None and not units:
            for hour in range(max(self.out_since // HOUR_MS, time // HOUR_MS - MEMORY_HOURS), time // HOUR_MS + 1):
                start, end = max(self.out_since, hour * HOUR_MS), min(time, (hour + 1) * HOUR_MS)
                self.hours[hour].without += end - start
        self.out_since = time if quantity <= 0 else None
        if units:
            hour_of_sale = self.hours[time // HOUR_MS]
            hour_of_sale.sales += 1
            hour_of_sale.units += units
            hour_of_sale.squares += min(units, BULK) ** 2


def forecast(history: History, rhythm: Rhythm, clock: Clock, time: int, quantity: int) -> Forecast | None:
    """Return when a stock will be out; None when too little has been sold to say it."""
    weights = rhythm.weights
    hours = list(_newest_first(history, weights, clock, time))
    evidence = _evidence(hours)
    sales = sum(hour.sales for hour, _ in evidence)
    units, selling = sum(hour.units for hour, _ in evidence), sum(selling for _, selling in evidence)
    if sales < FEWEST_SALES or selling < SHORTEST:
        return None
    per_hour = float(units) * float(HOUR_MS * AVERAGE) / float(selling)
    if quantity <= 0:
        return Forecast(per_hour, None, None, None)
    clump = float(sum(hour.squares for hour, _ in hours)) / float(sum(hour.units for hour, _ in hours))
    seen = float(units) + PRIOR * clump
    expected = float(selling) * float(quantity) / seen
    middle = _after(weights, clock, time, expected)
    ahead = 24.0 if middle is None else (middle - time) / HOUR_MS
    block = max(1, min(LONGEST_BLOCK, math.ceil(ahead)))
    variance = _variance(hours, block, clump)
    variance_ahead = variance if ahead <= block else variance * block / ahead
    variance_behind = variance if len(evidence) <= block else variance * block / len(evidence)
    demand = max(LEAST_SHAPE, 1 / (clump / quantity + variance_ahead + rhythm.variance / 1000))
    rate = max(LEAST_SHAPE, 1 / (clump / seen + variance_behind))
    at, earliest, latest = (
        _minute(_after(weights, clock, time, expected * quantile(demand, rate, z))) for z in (0.0, -Z, Z)
    )
    return Forecast(per_hour, at, earliest, latest)


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
    history: History | None = None
    for movement in movements:
        history = history or History(movement.time)
        history.add(movement)
        yield forecast(history, rhythms.at(movement.time), clock, movement.time, movement.quantity)


def movement_of(row: Row) -> Movement:
    sold = -row["change"] if row["reason"] == "sale" and row["change"] < 0 else 0
    return Movement((time_of(row) - EPOCH) // MILLISECOND, sold, row["quantity_on_hand"])


def _newest_first(history: History, weights: Sequence[int], clock: Clock, now: int) -> Iterator[tuple[Hour, int]]:
    """Return each remembered hour and its selling time, while there was stock."""
    newest = now // HOUR_MS
    first = max(history.since, (newest - MEMORY_HOURS) * HOUR_MS)
    for number in range(newest, first // HOUR_MS - 1, -1):
        start, end = max(first, number * HOUR_MS), min(now, (number + 1) * HOUR_MS)
        if number < newest and start >= end:
            return
        hour = history.hours.get(number, Hour())
        selling = sum(
            (min(end, until) - max(start, since)) * weights[shown]
            for since, until, shown in clock.pieces(number)
            if max(start, since) < min(end, until)
        )
        yield hour, selling * (end - start - hour.without) // (end - start) if hour.without else selling


def _evidence(hours: list[tuple[Hour, int]]) -> list[tuple[Hour, int]]:
    """Return the newest hours that hold enough sales."""
    sales = 0
    for index, (hour, _) in enumerate(hours, start=1):
        sales += hour.sales
        if sales >= EVIDENCE:
            return hours[:index]
    return hours


def _variance(hours: list[tuple[Hour, int]], block: int, clump: float) -> float:
    units, selling = float(sum(hour.units for hour, _ in hours)), float(sum(time for _, time in hours))
    deviations = expectations = squares = 0.0
    blocks = len(hours) // block
    for index in range(blocks):
        part = hours[index * block : (index + 1) * block]
        expected = units * float(sum(time for _, time in part)) / selling
        found = float(sum(hour.units for hour, _ in part))
        deviations += (found - expected) * (found - expected)
        expectations += expected
        squares += expected * expected
    if blocks < 2 or squares == 0:
        return USUAL_VARIANCE
    usual = squares / blocks
    excess = deviations * blocks / (blocks - 1) - clump * expectations
    return max(0.0, excess + USUAL_VARIANCE * usual) / (squares + usual)


def _after(weights: Sequence[int], clock: Clock, now: int, selling: float) -> int | None:
    """Return when so much selling time has passed; None if that is too far away."""
    if selling > ENDLESS:
        return None
    left, limit = math.ceil(selling), now + FARTHEST_MS
    for number in range(now // HOUR_MS, limit // HOUR_MS + 1):
        for since, until, shown in clock.pieces(number):
            start = max(since, now)
            passes = (until - start) * weights[shown]
            if start >= until:
                continue
            if passes >= left:
                end = start - -left // weights[shown]
                return end if end <= limit else None
            left -= passes
    return None


def _minute(time: int | None) -> int | None:
    return None if time is None else -(-time // MINUTE_MS) * MINUTE_MS


def _moment(time: int) -> datetime:
    return EPOCH + timedelta(milliseconds=time)
