"""How a shop sells by the hour of its day, by its own clock: docs/forecasts.md. Times are milliseconds since 1970."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from support.oracle.clock import part_of_day
from support.oracle.rows import EPOCH, HOUR

HOUR_MS = 3_600_000
AVERAGE = 1000
"""Weight of an hour in which the shop sells as much as in an average one."""
RHYTHM_DAYS = 7
USUAL_DAYS = 3
USUAL_OF_DAYS = 0.03
MADE_UP_SALES = 2
FARTHEST_MS = 14 * 24 * HOUR_MS
ENDLESS = 1e15
MILLISECOND = timedelta(milliseconds=1)


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


def selling_time(rhythm: Rhythm, clock: Clock, start: int, end: int) -> int:
    """Return how much selling time is between two times of one hour, counted from 1970."""
    return sum(
        (min(end, until) - max(start, since)) * rhythm.weights[shown]
        for since, until, shown in clock.pieces(start // HOUR_MS)
        if max(start, since) < min(end, until)
    )


def after(rhythm: Rhythm, clock: Clock, now: int, selling: float) -> int | None:
    """Return when so much selling time has passed; None if that is too far away."""
    if selling > ENDLESS:
        return None
    left, limit = math.ceil(selling), now + FARTHEST_MS
    for number in range(now // HOUR_MS, limit // HOUR_MS + 1):
        for since, until, shown in clock.pieces(number):
            start = max(since, now)
            passes = (until - start) * rhythm.weights[shown]
            if start >= until:
                continue
            if passes >= left:
                end = start - -left // rhythm.weights[shown]
                return end if end <= limit else None
            left -= passes
    return None


def _moment(time: int) -> datetime:
    return EPOCH + timedelta(milliseconds=time)
