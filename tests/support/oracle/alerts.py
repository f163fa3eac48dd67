"""What is left in stock, and when it falls below its threshold, runs out or recovers: once per crossing."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from hashlib import md5
from typing import TypeAlias

from support.oracle.facts import UNKNOWN, Facts
from support.oracle.forecasts import Forecast, Movement, forecasts, movement_of
from support.oracle.rhythm import Clock, Rhythms
from support.oracle.rows import EPOCH, MINUTE, Row, floor, time_of, window

Stock: TypeAlias = tuple[str, str]
"""Product and warehouse."""

DEPLETING = "inventory.depleting"
HORIZON = timedelta(hours=24)
"""A stock-out that is foretold so soon is told."""
REARMED_BEYOND = timedelta(hours=36)
SECOND = timedelta(seconds=1)
NO_PRODUCT: Row = {"name": UNKNOWN, "category_id": UNKNOWN, "reorder_threshold": 0}


def inventory_alerts(facts: Facts) -> list[Row]:
    return [alert for rows in _by_stock(facts) for alert in _alerts(facts, rows)]


def stock_forecasts(facts: Facts) -> list[Row]:
    return [_newest_forecast(facts, rows) for rows in _by_stock(facts, through=MINUTE)]


def stock_levels(facts: Facts) -> list[Row]:
    return [_newest_change(facts, rows) for rows in _by_stock(facts, through=SECOND)]


def _by_stock(facts: Facts, through: timedelta = timedelta()) -> list[list[Row]]:
    """Return the updates of each product and warehouse in order of time, up to where time has come to.

    Args:
        facts: What was read.
        through: Nothing counts of a stretch of so much time that is not over.
    """
    by_stock: dict[Stock, list[Row]] = defaultdict(list)
    for row in facts.inventory_updates:
        if (floor(time_of(row), through) + through if through else time_of(row)) <= facts.until:
            by_stock[row["product_id"], row["warehouse_id"]].append(row)
    return [sorted(rows, key=time_of) for rows in by_stock.values()]


@cache
def _forecasts(facts: Facts) -> dict[Stock, list[Forecast | None]]:
    """Return the forecast after each update of each stock, in order of time."""
    clock = Clock(facts.zone)
    updates = sorted(facts.inventory_updates, key=time_of)
    sales = [movement.time for movement in map(movement_of, updates) if movement.units]
    by_stock: dict[Stock, list[Movement]] = defaultdict(list)
    for row in updates:
        by_stock[row["product_id"], row["warehouse_id"]].append(movement_of(row))
    rhythms = Rhythms(sales, clock)
    return {stock: list(forecasts(movements, rhythms, clock)) for stock, movements in by_stock.items()}


def _newest_forecast(facts: Facts, rows: list[Row]) -> Row:
    last = rows[-1]
    product = facts.products.as_of(last["product_id"], last["event_time"]) or NO_PRODUCT
    return {
        "product_id": last["product_id"],
        "warehouse_id": last["warehouse_id"],
        **window(floor(time_of(last), MINUTE), MINUTE),
        "event_time": last["event_time"],
        "product_name": product["name"],
        "category_id": product["category_id"],
        "quantity": last["quantity_on_hand"],
        **_foretold(_forecasts(facts)[last["product_id"], last["warehouse_id"]][len(rows) - 1]),
    }


def _foretold(forecast: Forecast | None) -> Row:
    if forecast is None:
        return dict.fromkeys(Forecast._fields)
    times = (None if time is None else EPOCH + timedelta(milliseconds=time) for time in forecast[1:])
    return dict(zip(Forecast._fields, (forecast.sales_per_hour, *times), strict=True))


def _newest_change(facts: Facts, rows: list[Row]) -> Row:
    last_of_second: dict[datetime, Row] = {floor(time_of(row), SECOND): row for row in rows}
    changed: Row = {}
    for row in last_of_second.values():
        product = facts.products.as_of(row["product_id"], row["event_time"]) or NO_PRODUCT
        stock = {"quantity": row["quantity_on_hand"], "threshold": product["reorder_threshold"]}
        if not stock.items() <= changed.items():
            changed = stock | {
                "product_id": row["product_id"],
                "warehouse_id": row["warehouse_id"],
                "product_name": product["name"],
                "category_id": product["category_id"],
                "level": _level(**stock),
                "event_time": row["event_time"],
            }
    return changed


def _level(quantity: int, threshold: int) -> str:
    if quantity <= 0:
        return "out"
    return "low" if quantity < threshold else "enough"


def _alerts(facts: Facts, rows: list[Row]) -> Iterator[Row]:
    fired: set[str] = set()
    depleting = False
    previous: int | None = None
    sequence = 0
    outlook = _forecasts(facts)[rows[0]["product_id"], rows[0]["warehouse_id"]]
    for row, forecast in zip(rows, outlook, strict=False):
        product = facts.products.as_of(row["product_id"], row["event_time"]) or NO_PRODUCT
        quantity, threshold = row["quantity_on_hand"], product["reorder_threshold"]
        kind = fires(quantity, threshold, fired)
        was_depleting = depleting
        if kind or fired:
            depleting = False
        else:
            depleting = _is_depleting(_ahead(row, forecast), was_depleting=was_depleting)
            if depleting and not was_depleting:
                kind = DEPLETING
        if kind:
            sequence += 1
            yield {
                "alert_id": _identity(row["product_id"], row["warehouse_id"], row["update_id"]),
                "alert_type": kind,
                "event_time": row["event_time"],
                "product_id": row["product_id"],
                "product_name": product["name"],
                "category_id": product["category_id"],
                "warehouse_id": row["warehouse_id"],
                "quantity": quantity,
                "previous_quantity": previous,
                "threshold": threshold,
                "update_id": row["update_id"],
                "traceparent": None,
                "sequence": sequence,
                **_foretold(forecast if kind == DEPLETING else None),
            }
        previous = quantity


def _ahead(row: Row, forecast: Forecast | None) -> timedelta | None:
    """Return how far away the stock-out is; None if nothing is foretold."""
    if forecast is None or forecast.stockout_at is None:
        return None
    return EPOCH + timedelta(milliseconds=forecast.stockout_at) - time_of(row)


def _is_depleting(ahead: timedelta | None, *, was_depleting: bool) -> bool:
    return ahead is not None and ahead <= (REARMED_BEYOND if was_depleting else HORIZON)


def _identity(*parts: str) -> str:
    """Return the MD5 of the parts; what separates them is written differently within them."""
    text = "|".join(part.translate({ord("%"): "%25", ord("|"): "%7C"}) for part in parts)
    return md5(text.encode()).hexdigest()  # noqa: S324


def fires(quantity: int, threshold: int, fired: set[str]) -> str | None:
    """Return the alert this stock level fires and remember it; enough stock re-arms all."""
    if quantity > 0 and quantity >= threshold:
        recovered = bool(fired)
        fired.clear()
        return "inventory.recovered" if recovered else None
    kind = "inventory.out_of_stock" if quantity <= 0 else "inventory.low"
    # Below the threshold after having been out of stock is the same episode: nothing new to tell.
    if kind in fired or (kind == "inventory.low" and fired):
        return None
    fired.add(kind)
    return kind
