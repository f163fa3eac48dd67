"""Sales to forecast from: recorded ones of two shops, and made-up ones. Times are milliseconds since 1970."""

import csv
import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import md5
from itertools import accumulate, chain
from pathlib import Path

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FLASH_HOURS = 4
FLASH_FACTOR = 6
KINDS = ("steady", "several units", "restless", "drifting", "flash sale")
RATES = (8, 20, 60, 150, 400)
"""Sales in a day of the products that are made up."""
DAYS = 16


@dataclass(frozen=True)
class Sales:
    """Sales of one product, in order of time."""

    times: list[int]
    units: list[int]

    @cached_property
    def _total(self) -> list[int]:
        return list(accumulate(self.units))

    def sold_out(self, index: int, quantity: int) -> int | None:
        """Return when so many units were sold after a sale; None if there were fewer."""
        place = bisect_right(self._total, self._total[index] + quantity - 1)
        return self.times[place] if place < len(self.times) else None

    @property
    def units_per_ms(self) -> float:
        """Mean pace."""
        return sum(self.units) / (self.times[-1] - self.times[0])


@dataclass(frozen=True)
class Shop:
    """Products that are looked at, and the times of all the shop's sales."""

    products: list[Sales]
    times: list[int]


def chance(seed: int) -> random.Random:
    """Return what draws, the same for the same seed."""
    return random.Random(seed)  # noqa: S311, nothing secret


def shop_of(hands: Sequence[list[int]]) -> Shop:
    """Return the shop that sells one unit at each of these times, of one product for each list."""
    return Shop(
        [Sales(times, [1] * len(times)) for times in hands if len(times) > 1], sorted(chain.from_iterable(hands))
    )


def user_behaviour(file: Path, behaviour: str) -> list[int]:
    """Return the times of a behaviour in a file in the UserBehavior format, without the few that lie days outside of it.

    Raises:
        ValueError: A row is not in the format.
    """
    with file.open(newline="") as rows:
        times = sorted(int(row[4]) * 1000 for row in csv.reader(rows) if row[3] == behaviour)
    first, last = times[len(times) // 100], times[-1 - len(times) // 100]
    return [time for time in times if first <= time <= last]


def dealt(times: Sequence[int], products: int, rng: random.Random, *, flash: bool = False) -> Shop:
    """Deal sales to products of different pace; a flash sale is of the first one."""
    hands: list[list[int]] = [[] for _ in range(products)]
    for time in times:
        rng.choices(hands, [1 / (2 + index) for index in range(products)])[0].append(time)
    if flash:
        pace = len(hands[0]) / (times[-1] - times[0])
        hands[0] = sorted(hands[0] + flash_sale(times[0] + (times[-1] - times[0]) * 6 // 10, pace, rng))
    return shop_of(hands)


def flash_sale(start: int, pace: float, rng: random.Random) -> list[int]:
    """Return what a flash sale sells beside the pace, in sales by millisecond: six times as much for four hours."""
    more = round(pace * FLASH_HOURS * HOUR_MS * (FLASH_FACTOR - 1))
    return [start + rng.randrange(FLASH_HOURS * HOUR_MS) for _ in range(more)]


def weekly_flash_sales(shop: Shop, rng: random.Random) -> Shop:
    """Return a shop each of whose products has a flash sale in every week, at a time of its own."""
    products, more = [], []
    for sales in shop.products:
        times = list(sales.times)
        for week in range(sales.times[0], sales.times[-1] - 7 * DAY_MS, 7 * DAY_MS):
            sold = flash_sale(week + rng.randrange(6 * DAY_MS), sales.units_per_ms, rng)
            times += sold
            more += sold
        products.append(Sales(sorted(times), [1] * len(times)))
    return Shop(products, sorted(shop.times + more))


def clicks(file: Path, *, one_in: int = 1) -> list[tuple[int, str]]:
    """Return the time and item of each session's first click on it, in a file of SessionId, ItemId and seconds.

    Args:
        file: Separated by tabs, with a header.
        one_in: Of so many sessions one counts.

    Raises:
        ValueError: A row is not in the format.
    """
    first: dict[tuple[str, str], int] = {}
    with file.open(newline="") as rows:
        for session, item, seconds in list(csv.reader(rows, delimiter="\t"))[1:]:
            if _part(session, one_in) == 0:
                time = int(float(seconds) * 1000)
                first[session, item] = min(time, first.get((session, item), time))
    return sorted((time, item) for (_, item), time in first.items())


def items(found: Sequence[tuple[int, str]], most: int) -> Shop:
    """Return the shop of clicks, whose products are its items that are clicked most."""
    hands: dict[str, list[int]] = {}
    for time, item in found:
        hands.setdefault(item, []).append(time)
    often = sorted(hands.values(), key=len, reverse=True)[:most]
    return Shop([Sales(hand, [1] * len(hand)) for hand in often], [time for time, _ in found])


def groups(found: Sequence[tuple[int, str]], count: int, most: int) -> Shop:
    """Return the shop of clicks, whose products are groups of its items: some of them."""
    hands: list[list[int]] = [[] for _ in range(count)]
    for time, item in found:
        hands[_part(item, count)].append(time)
    return Shop([Sales(hand, [1] * len(hand)) for hand in hands[:most]], [time for time, _ in found])


def _part(name: str, parts: int) -> int:
    return int(md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % parts


def made_up_shop(kind: str, rng: random.Random) -> Shop:
    """Return a shop of fifteen products, three of each rate."""
    products = [made_up(kind, rate, rng) for rate in RATES for _ in range(3)]
    return Shop(products, sorted(time for sales in products for time in sales.times))


def made_up(kind: str, rate: float, rng: random.Random) -> Sales:
    """Return sales by chance, hour by hour, with the rhythm of a day; most come around three in the afternoon.

    Args:
        kind: `steady`: Poisson; `several units`: 1 to 3 in a sale; `restless`: hours and days differ at random as well, by a
            half and a third; `drifting`: 3 % more each day, and a slow wave; `flash sale`: six times as many for four hours.
        rate: Sales in a mean day.
        rng: Draws.
    """
    times: list[int] = []
    for day in range(DAYS):
        of_day = rng.gammavariate(10, 1 / 10) if kind == "restless" else 1.0
        if kind == "drifting":
            of_day = (1 + 0.03 * day) * 1.15 ** math.sin(1.3 * day)
        for hour in range(24):
            mean = rate / 24 * of_day * max(0.15, 1 + math.sin((hour - 9) * math.pi / 12))
            if kind == "restless":
                mean *= rng.gammavariate(4, 1 / 4)
            if kind == "flash sale" and day == DAYS // 2 and 12 <= hour < 12 + FLASH_HOURS:  # noqa: PLR2004, from noon
                mean *= FLASH_FACTOR
            at = rng.expovariate(mean)
            while at < 1:
                times.append(int((day * 24 + hour + at) * HOUR_MS))
                at += rng.expovariate(mean)
    several = kind in {"several units", "restless"}
    return Sales(times, [rng.choice((1, 1, 1, 2, 3)) if several else 1 for _ in times])
