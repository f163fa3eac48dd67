"""What `inventory.depleting` would have told of stocks that are sold until they are out."""

import math
import random
from collections.abc import Iterator, Sequence
from statistics import fmean

from forecast_figures import learnt
from forecast_sales import DAY_MS, HOUR_MS, Sales, Shop

from support.oracle.forecasts import Forecast, History, Movement, forecast
from support.oracle.rhythm import Clock, Rhythms

HORIZON = DAY_MS
REARMED_BEYOND = DAY_MS * 3 // 2
STOCKS = 40
FIELDS = ("stockout_at", "stockout_earliest")


def alerts(shops: Sequence[Shop], clock: Clock, rng: random.Random) -> dict[str, dict[str, float]]:
    """Sell stocks of two to five days until they are out, and say what was told by the estimate, and by the earliest time."""
    rhythms = {id(shop): learnt(shop, clock) for shop in shops}
    found: dict[str, list[tuple[int, float | None]]] = {field: [] for field in FIELDS}
    for _ in range(STOCKS):
        shop = rng.choice(shops)
        sales = rng.choice(shop.products)
        start = rng.randrange(len(sales.times) // 8, max(len(sales.times) // 8 + 1, len(sales.times) // 2))
        stock = round(rng.uniform(2, 5) * DAY_MS * sales.units_per_ms)
        was = sales.sold_out(start, stock)
        if was is None:
            continue
        outlooks = list(_forecasts(sales, rhythms[id(shop)], clock, start, stock))
        for field, episodes in found.items():
            told = list(depleting(outlooks, field))
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


def depleting(outlooks: Sequence[tuple[int, Forecast | None]], field: str) -> Iterator[int]:
    """Yield when it would be told, given the times of sales and what was foretold then."""
    armed = True
    for time, foretold in outlooks:
        moment = None if foretold is None else getattr(foretold, field)
        if moment is None or moment - time > REARMED_BEYOND:
            armed = True
        elif armed and moment - time <= HORIZON:
            armed = False
            yield time


def _forecasts(
    sales: Sales, rhythms: Rhythms, clock: Clock, start: int, stock: int
) -> Iterator[tuple[int, Forecast | None]]:
    """Yield each sale's time and forecast from a sale on, of which so much is left, until nothing is."""
    history, left = History(), stock
    for index, (time, units) in enumerate(zip(sales.times, sales.units, strict=True)):
        left -= units if index > start else 0
        if left <= 0:
            return
        rhythm = rhythms.at(time)
        history.add(Movement(time, units, left), rhythm, clock)
        if index > start:
            yield time, forecast(history, rhythm, clock)
