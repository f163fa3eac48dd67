"""How well stock-outs are forecast: on stock made from recorded sales, or from made-up ones, without a server.

Draws moments and stocks, forecasts when each will be out as `stock_forecasts` does (the independent computation of
tests/support/oracle, equal to the job's to the bit), and looks up when it was. Prints, for the forecast and for one that
takes every hour of the day for the same, in how many cases the 80 % interval held and how wide it was, the other one's
stretched or shrunk until it holds as often; then what `inventory.depleting` would have told.

    .venv/bin/python bench/forecasts.py userbehavior.csv
    .venv/bin/python bench/forecasts.py
"""

import argparse
import csv
import json
import math
import random
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import TypeAlias
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.oracle.forecasts import (  # noqa: E402
    HOUR_MS,
    Clock,
    Forecast,
    History,
    Movement,
    Rhythm,
    Rhythms,
    forecast,
    weights_of,
)

DAY_MS = 24 * HOUR_MS
FLAT = weights_of([0] * 24)
"""Every hour for the same."""
KNOWN = 3 * DAY_MS
"""A product is looked at when it has been sold for so long: by then its rhythm is known from two whole days."""
AHEAD = (1, 36)
"""Hours that a stock lasts at the product's mean pace."""
LEFT = 60 * HOUR_MS
"""And so long before the recording ends: by then its stock is sold."""
DEALS = 10
FLASH_HOURS = 4
FLASH_FACTOR = 6
HORIZON = DAY_MS
REARMED_BEYOND = DAY_MS * 3 // 2


Foretell: TypeAlias = Callable[[History, int, int], Forecast | None]
"""Given what was sold, the time and what is left."""


@dataclass(frozen=True)
class Sales:
    """Sales of one product, in order of time; milliseconds since 1970."""

    times: list[int]
    units: list[int]

    def sold_out(self, time: int, quantity: int) -> int | None:
        """Return when so many units more were sold; None if there were fewer."""
        first = bisect_right(self.times, time)
        total = list(accumulate(self.units[first:]))
        place = bisect_left(total, quantity)
        return self.times[first + place] if place < len(total) else None

    @property
    def units_per_ms(self) -> float:
        """Mean pace."""
        return sum(self.units) / (self.times[-1] - self.times[0])


@dataclass(frozen=True)
class Shop:
    """Products, and the times of all the shop's sales."""

    products: list[Sales]
    times: list[int]

    @classmethod
    def of(cls, products: list[Sales]) -> "Shop":
        """Return the shop that sells these and nothing else."""
        return cls(products, sorted(time for sales in products for time in sales.times))


@dataclass(frozen=True)
class Outcome:
    """One forecast and what came of it, in hours from then."""

    earliest: float
    at: float
    latest: float
    was: float

    @property
    def holds(self) -> bool:
        """Whether the stock was out within the interval."""
        return self.earliest <= self.was <= self.latest

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.latest - self.earliest

    def stretched(self, factor: float) -> "Outcome":
        """Return an interval of another width around the same estimate."""
        earliest = self.at - (self.at - self.earliest) * factor
        return Outcome(earliest, self.at, self.at + (self.latest - self.at) * factor, self.was)


@dataclass(frozen=True)
class Figures:
    """What a line of the report says."""

    sales: str
    forecasts: int
    holds: float
    out_before: float
    out_after: float
    width_hours: float
    miss_hours: float
    flat_holds: float
    flat_width_hours_at_equal_coverage: float


def chance(seed: int) -> random.Random:
    """Return what draws, the same for the same seed."""
    return random.Random(seed)  # noqa: S311, nothing secret


def main() -> None:
    """Print the figures and keep them in bench/results/."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="purchases in the UserBehavior format; made up if left out")
    parser.add_argument(
        "--behaviour", default="buy", choices=("buy", "cart", "pv"), help="rows of the file that are taken for sales"
    )
    parser.add_argument("--zone", default="Asia/Shanghai", help="time zone of the shop that the file is of")
    parser.add_argument("--products", type=int, default=4, help="how many products the file's sales are dealt to")
    parser.add_argument("--forecasts", type=int, default=2000, help="for each kind of sales")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = chance(asked.seed)
    if asked.file:
        recorded = recorded_sales(asked.file, asked.behaviour)
        kinds = {
            "recorded": dealt(recorded, asked.products, rng),
            "recorded, flash sale": dealt(recorded, asked.products, rng, flash=True),
        }
        zone, name = ZoneInfo(asked.zone), f"forecasts-recorded-{asked.behaviour}"
    else:
        kinds = {kind: Shop.of([made_up(kind, rate, rng) for rate in RATES for _ in range(3)]) for kind in KINDS}
        zone, name = ZoneInfo("UTC"), "forecasts-made-up"
    report = []
    for kind, shop in kinds.items():
        report.append(figures(kind, shop, Clock(zone), asked.forecasts, chance(asked.seed)))
        print(line(report[-1]), flush=True)
    told = {kind: alerts(shop, Clock(zone), chance(asked.seed)) for kind, shop in kinds.items()}
    for kind, found in told.items():
        print(f"{kind}: {found}")
    path = HERE / "results" / f"{name}.json"
    path.write_text(json.dumps({"figures": [asdict(each) for each in report], "depleting": told}, indent=1) + "\n")


def line(found: Figures) -> str:
    """Return figures as a sentence."""
    return (
        f"{found.sales}: {found.forecasts} forecasts, 80 % interval holds {found.holds:.1%} (out before it "
        f"{found.out_before:.1%}, after it {found.out_after:.1%}), {found.width_hours:.1f} h wide, misses by "
        f"{found.miss_hours:.1f} h; constant rate holds {found.flat_holds:.1%}, at the same coverage "
        f"{found.flat_width_hours_at_equal_coverage:.1f} h wide"
    )


def figures(kind: str, shop: Shop, clock: Clock, count: int, rng: random.Random) -> Figures:
    """Forecast at random moments, with the shop's rhythm and without, and compare with what was."""
    rhythms = Rhythms(shop.times, clock)
    ours, flat = [], []
    for sales, time, quantity, was in drawn(shop.products, count, rng):
        history = history_until(sales, time)
        outcomes = [
            outcome(forecast(history, each, clock, time, quantity), time, was)
            for each in (rhythms.at(time), Rhythm(FLAT, rhythms.at(time).variance))
        ]
        if outcomes[0] and outcomes[1]:
            ours.append(outcomes[0])
            flat.append(outcomes[1])
    holds = share(ours, lambda each: each.holds)
    return Figures(
        kind,
        len(ours),
        holds,
        share(ours, lambda each: each.was < each.earliest),
        share(ours, lambda each: each.was > each.latest),
        fmean(each.width for each in ours),
        fmean(abs(each.at - each.was) for each in ours),
        share(flat, lambda each: each.holds),
        width_at(flat, holds),
    )


def drawn(products: Sequence[Sales], count: int, rng: random.Random) -> Iterator[tuple[Sales, int, int, int]]:
    """Yield sales, a moment, a stock as of then, and when that was sold."""
    left = count
    while left:
        sales = rng.choice(products)
        time = rng.choice(sales.times)
        quantity = max(1, round(rng.uniform(*AHEAD) * HOUR_MS * sales.units_per_ms))
        was = sales.sold_out(time, quantity)
        if time >= sales.times[0] + KNOWN and time <= sales.times[-1] - LEFT and was is not None:
            left -= 1
            yield sales, time, quantity, was


def history_until(sales: Sales, time: int) -> History:
    """Return what is known of a product then, which has always been in stock."""
    history = History(sales.times[0])
    for when, units in zip(sales.times, sales.units, strict=True):
        if when > time:
            break
        history.add(Movement(when, units, 1))
    return history


def outcome(found: Forecast | None, time: int, was: int) -> Outcome | None:
    """Return the outcome in hours; None where nothing was foretold."""
    if found is None or found.stockout_earliest is None or found.stockout_at is None or found.stockout_latest is None:
        return None
    moments = (found.stockout_earliest, found.stockout_at, found.stockout_latest, was)
    return Outcome(*((moment - time) / HOUR_MS for moment in moments))


def width_at(outcomes: Sequence[Outcome], coverage: float) -> float:
    """Return the mean width of intervals that are stretched until they hold so often."""
    low, high = 0.0, 64.0
    for _ in range(40):
        middle = (low + high) / 2
        if share([each.stretched(middle) for each in outcomes], lambda each: each.holds) < coverage:
            low = middle
        else:
            high = middle
    return fmean(each.stretched(high).width for each in outcomes)


def share(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float:
    """Return the share of outcomes of which something holds."""
    return sum(map(holds, outcomes)) / len(outcomes)


def alerts(shop: Shop, clock: Clock, rng: random.Random) -> dict[str, dict[str, float]]:
    """Sell stocks of two to six days until they are out, and say what was told by the estimate, and by the earliest time."""
    rhythms = Rhythms(shop.times, clock)

    def foretell(history: History, time: int, left: int) -> Forecast | None:
        return forecast(history, rhythms.at(time), clock, time, left)

    found: dict[str, list[tuple[int, float | None]]] = {"stockout_at": [], "stockout_earliest": []}
    for _ in range(40):
        sales = rng.choice(shop.products)
        start = rng.randrange(sales.times[0] + DAY_MS, max(sales.times[0] + DAY_MS + 1, sales.times[-1] - 5 * DAY_MS))
        stock = round(rng.uniform(2, 5) * DAY_MS * sales.units_per_ms)
        was = sales.sold_out(start, stock)
        if was is None:
            continue
        for field, episodes in found.items():
            told = list(depleting(sales, foretell, start, stock, field))
            episodes.append((len(told), (was - told[-1]) / HOUR_MS if told else None))
    return {field: summary(episodes) for field, episodes in found.items() if episodes}


def summary(episodes: Sequence[tuple[int, float | None]]) -> dict[str, float]:
    """Return what was told of stocks, given the number of alerts and the hours between the last and the stock-out."""
    leads = [lead for _, lead in episodes if lead is not None]
    return {
        "stockouts": len(episodes),
        "told_before": len(leads),
        "alerts_per_stockout": round(fmean(count for count, _ in episodes), 2),
        "hours_before": round(fmean(leads), 1) if leads else math.nan,
        "told_30_hours_before_or_less": round(sum(lead <= 30 for lead in leads) / len(episodes), 3),  # noqa: PLR2004
    }


def depleting(sales: Sales, foretell: Foretell, start: int, stock: int, field: str) -> Iterator[int]:
    """Yield when it would be told of a stock that is sold from then on."""
    armed, left, history = True, stock, history_until(sales, start)
    for time, units in zip(sales.times, sales.units, strict=True):
        if time <= start:
            continue
        left -= units
        if left <= 0:
            return
        history.add(Movement(time, units, left))
        foretold = foretell(history, time, left)
        moment = None if foretold is None else getattr(foretold, field)
        if moment is None or moment - time > REARMED_BEYOND:
            armed = True
        elif armed and moment - time <= HORIZON:
            armed = False
            yield time


def recorded_sales(file: Path, behaviour: str = "buy") -> list[int]:
    """Return the times of the purchases of a file, or of another behaviour, in order.

    Raises:
        ValueError: A row is not in the format.
    """
    with file.open(newline="") as rows:
        return sorted(int(row[4]) * 1000 for row in csv.reader(rows) if row[3] == behaviour)


def dealt(times: Sequence[int], products: int, rng: random.Random, *, flash: bool = False) -> Shop:
    """Deal recorded sales to products of different pace, in several ways; a flash sale is of the first one."""
    # A few rows of a recording lie days outside of it.
    first, last = times[len(times) // 100], times[-1 - len(times) // 100]
    inside = [time for time in times if first <= time <= last]
    found: list[Sales] = []
    for _ in range(DEALS):
        hands: list[list[int]] = [[] for _ in range(products)]
        for time in inside:
            rng.choices(hands, [1 / (2 + index) for index in range(products)])[0].append(time)
        if flash:
            start = first + (last - first) * 6 // 10
            more = round(len(hands[0]) / (last - first) * FLASH_HOURS * HOUR_MS * (FLASH_FACTOR - 1))
            hands[0] = sorted(hands[0] + [start + rng.randrange(FLASH_HOURS * HOUR_MS) for _ in range(more)])
        found += [Sales(hand, [1] * len(hand)) for hand in hands]
    return Shop(found, inside)


RATES = (8, 20, 60, 150, 400)
"""Sales in a day of the products that are made up."""
DAYS = 16
KINDS = ("steady", "several units", "restless", "drifting", "flash sale")


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


if __name__ == "__main__":
    main()
