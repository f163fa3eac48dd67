"""Panels of the newest window, or of what is true until it changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from footfall_schemas.topics import topic

from footfall_dashboard.live.days import HOUR
from footfall_dashboard.live.info import sql_of
from footfall_dashboard.live.panel import Cell
from footfall_dashboard.live.rows import (
    CATEGORIES,
    CONVERSIONS,
    INTEGRITY,
    LOW_STOCK,
    SHOP,
    SOLD,
    VIEWED,
    Compared,
    Conversion,
    StockLevel,
    Stream,
)
from footfall_dashboard.live.view import Drawn, View

STEP = timedelta(minutes=5)
"""Between two windows of an hour."""
MOST_LOW = 50
OUT = "out"
RELATIONS = {"equal": "equal to", "at_most": "at most"}


def funnel(view: View) -> Drawn:
    """Draw viewers, carters and buyers of the newest hour: the shop first, then categories by viewers."""
    newest = view.newest(CONVERSIONS, HOUR)
    if newest is None:
        return Drawn([])
    found = sorted(view.store.at(CONVERSIONS, newest), key=_place)
    rows: list[list[Cell]] = [[*row[2:]] for row in found]
    return Drawn(rows, newest + HOUR, newest, newest + HOUR)


def _place(row: Conversion) -> tuple[bool, int, str]:
    return row.scope != SHOP, -row.viewers, row.category


def top_products(view: View) -> Drawn:
    """Draw the products sold most."""
    return _ranking(view, SOLD)


def most_viewed_products(view: View) -> Drawn:
    """Draw the products viewed most."""
    return _ranking(view, VIEWED)


def top_categories(view: View) -> Drawn:
    """Draw paid checkouts so far, most first."""
    view.refuse_range("top_categories")
    found = sorted(view.store.all(CATEGORIES), key=lambda row: (-row.purchases, row.category))
    return Drawn([[row.category, row.purchases] for row in found], view.front() if found else None)


def low_stock(view: View) -> Drawn:
    """Draw what is low or out, the worst first: out before low, then by how little of its threshold there is."""
    view.refuse_range("low_stock")
    found = sorted(view.store.all(LOW_STOCK), key=_badness)
    shown: list[list[Cell]] = [
        [row.product_id, row.product_name, row.warehouse_id, row.quantity, row.threshold, row.level, row.event_time]
        for row in found[:MOST_LOW]
    ]
    note = f"{len(found) - MOST_LOW} more are low or out." if len(found) > MOST_LOW else None
    return Drawn(shown, max((row.event_time for row in found), default=None), note=note)


def integrity(view: View) -> Drawn:
    """Draw each identity's newest window, or the newest that does not hold; those first."""
    begin, end = view.last_hour()
    # What was compared since the newest minute is known is newer than that.
    end = max([end, *([view.now] if view.asked.end is None else [])])
    shown: dict[tuple[str, str], Compared] = {}
    for row in view.store.between(INTEGRITY, begin, end):
        known = shown.get((row.identity, row.currency))
        if known is None or known.holds or not row.holds:
            shown[row.identity, row.currency] = row
    found = sorted(shown.values(), key=lambda row: (row.holds, row.identity, row.currency))
    rows: list[list[Cell]] = [
        [
            "yes" if row.holds else "no",
            row.identity,
            row.currency,
            row.part,
            row.window_start,
            row.window_end,
            _plain(row.left_value),
            _sql(row.left_topic),
            RELATIONS[row.relation],
            _plain(row.right_value),
            _sql(row.right_topic),
        ]
        for row in found
    ]
    return Drawn(rows, max((row.window_end for row in found), default=None), begin, end)


def _plain(number: Decimal) -> Decimal:
    """Return the number without the noughts behind it."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _sql(name: str) -> str:
    return sql_of(name) if topic(name).has_view else name


def _badness(row: StockLevel) -> tuple[bool, float, str, str]:
    return row.level != OUT, row.quantity / max(row.threshold, 1), row.product_id, row.warehouse_id


def _ranking(view: View, stream: Stream[Any]) -> Drawn:
    newest = view.newest(stream, HOUR)
    if newest is None:
        return Drawn([])
    now, before = _ranks(view, stream, newest), _ranks(view, stream, newest - STEP)
    places = {row[3]: row[2] for row in before}
    rows: list[list[Cell]] = [
        [rank, product, number, places[product] - rank if product in places else None]
        for _, _, rank, product, number in now
    ]
    return Drawn(rows, newest + HOUR, newest, newest + HOUR)


def _ranks(view: View, stream: Stream[Any], time: datetime) -> Sequence[tuple[datetime, datetime, int, str, int]]:
    return sorted(view.store.of(stream).at(time), key=lambda row: row.rank)
