"""What the panels of the live page must show, computed from the rows of the topics alone. Pure.

Written from DESIGN.md and the panels' own descriptions, not from the page's code: a panel is right when both say the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from support.oracle import Row

Cells: TypeAlias = tuple[Any, ...]
Topics: TypeAlias = Mapping[str, list[Row]]
"""Final rows by topic."""
Range: TypeAlias = tuple[datetime, datetime]

MOST_LOW = 50
STEP = timedelta(minutes=5)
TODAY = ("Revenue today", "Orders today")


def typed(cells: list[str], types: list[str]) -> Cells:
    """Return a row of the page as values: numbers exact, times as times, '' as None."""
    readers: dict[str, Callable[[str], Any]] = {
        "money": Decimal,
        "integer": int,
        "change": int,
        "ratio": float,
        "time": datetime.fromisoformat,
    }
    return tuple(None if cell == "" else readers.get(kind, str)(cell) for cell, kind in zip(cells, types, strict=True))


def says_something(row: Cells) -> bool:
    """Whether a row has more in it than noughts: minutes without anything may stand there or not."""
    return any(cell for cell in row if isinstance(cell, int | float | Decimal))


def comparable(panel: str, rows: list[Cells]) -> list[Cells]:
    """Return a panel's rows so that those of page and topics can be compared, whatever their order."""
    match panel:
        case "hourly_trading_volume":
            # Up to when an hour is counted is no number of the shop.
            return sorted(row[:2] for row in rows if row[1])
        case "unique_visitors_today":
            # A slot in which nobody came keeps the number before it.
            ordered = sorted(rows)
            return [row for before, row in zip([(None, None), *ordered], ordered, strict=False) if row[1] != before[1]]
        case _:
            return sorted(filter(says_something, rows), key=repr)


def minutes(topic: str, *names: str) -> Callable[[Topics, Range], list[Cells]]:
    """Return what shows rows of a range as they are."""

    def shown(topics: Topics, between: Range) -> list[Cells]:
        return [tuple(row[name] for name in names) for row in _within(topics[topic], between)]

    return shown


def sums(topic: str, groups: tuple[str, ...], numbers: tuple[str, ...]) -> Callable[[Topics, Range], list[Cells]]:
    """Return what shows the sums of a range's rows by group; groups where all are 0 are left out."""

    def shown(topics: Topics, between: Range) -> list[Cells]:
        totals: dict[Cells, list[Any]] = defaultdict(lambda: [0] * len(numbers))
        for row in _within(topics[topic], between):
            total = totals[tuple(row[name] for name in groups)]
            for place, name in enumerate(numbers):
                total[place] += row[name]
        return [(*group, *total) for group, total in totals.items() if any(total)]

    return shown


def ranking(topic: str, number: str) -> Callable[[Topics, Range], list[Cells]]:
    """Return what shows the newest window's ranks, and by how many places each product rose since five minutes before."""

    def shown(topics: Topics, _: Range) -> list[Cells]:
        rows = topics[topic]
        newest = max(row["window_start"] for row in rows)
        before = {row["product_id"]: row["rank"] for row in rows if row["window_start"] == newest - STEP}
        return [
            (rank, product, row[number], before[product] - rank if product in before else None)
            for row in rows
            if row["window_start"] == newest
            for rank, product in [(row["rank"], row["product_id"])]
        ]

    return shown


def funnel(topics: Topics, _: Range) -> list[Cells]:
    newest = max(row["window_start"] for row in topics["conversion_rates"])
    names = ("scope", "category", "viewers", "carters", "buyers", "cart_rate", "purchase_rate")
    rows = [row for row in topics["conversion_rates"] if row["window_start"] == newest]
    return [tuple(row[name] or (None if row[name] == "" else row[name]) for name in names) for row in rows]


def hours(topics: Topics, between: Range) -> list[Cells]:
    counts = Counter[int]()
    for row in _within(topics["event_counts"], between):
        if row["action"] == "purchase":
            counts[(row["window_start"] - between[0]) // timedelta(hours=1)] += row["events"]
    return sorted(counts.items())


def slots(topics: Topics, between: Range) -> list[Cells]:
    return minutes("cumulative_visitors", "window_start", "visitors")(topics, between)


def categories(topics: Topics, _: Range) -> list[Cells]:
    return [(row["category"], row["purchases"]) for row in topics["top_categories"]]


def low_stock(topics: Topics, _: Range) -> list[Cells]:
    names = ("product_id", "product_name", "warehouse_id", "quantity", "threshold", "level", "event_time")
    low = [row for row in topics["stock_levels"] if row["level"] != "enough"]
    low.sort(key=_badness)
    return [tuple(row[name] for name in names) for row in low[:MOST_LOW]]


def abandoned(topics: Topics, between: Range) -> list[Cells]:
    ends = (row["session_end"].replace(second=0, microsecond=0) for row in topics["abandoned_carts"])
    return sorted(Counter(end for end in ends if between[0] <= end < between[1]).items())


def today(topics: Topics, between: Range) -> list[Cells]:
    """Return the sums since midnight that `now` shows; its other numbers change with every moment."""
    by_currency = sums("revenue_per_minute", ("currency",), ("revenue", "orders"))(topics, between)
    return [
        (name, currency, str(number))
        for currency, revenue, orders in by_currency
        for name, number in zip(TODAY, (revenue, orders), strict=True)
    ]


MINUTE, MONEY = ("window_start",), ("revenue", "refunds", "net_revenue")
EXPECTED: dict[str, Callable[[Topics, Range], list[Cells]]] = {
    "money": minutes("revenue_per_minute", *MINUTE, "currency", *MONEY, "profit", "orders"),
    "funnel": funnel,
    "top_products": ranking("top_products", "units"),
    "most_viewed_products": ranking("most_viewed_products", "views"),
    "hourly_trading_volume": hours,
    "unique_visitors_today": slots,
    "top_categories": categories,
    "revenue_and_profit": minutes("revenue_per_minute", *MINUTE, "currency", "revenue", "profit"),
    "checkouts_by_channel": sums("channel_revenue", ("channel",), ("checkouts", "purchases")),
    "popular_categories": sums("revenue_by_category", ("category",), ("units",)),
    "payment_failures": sums("payment_failures", ("reason",), ("failures",)),
    "buyers_by_gender": sums("buyers_by_gender", ("gender", "currency"), ("buyers", "revenue")),
    "events_by_type": sums("event_counts", (*MINUTE, "action"), ("events",)),
    "events_by_source": sums("event_counts", (*MINUTE, "source"), ("events",)),
    "revenue_by_category": sums("revenue_by_category", ("category", "currency"), MONEY),
    "visitors_per_minute": minutes("unique_visitors", *MINUTE, "visitors"),
    "low_stock": low_stock,
    "abandoned_carts": abandoned,
}
"""By panel, its rows for the range that it shows, in any order."""


def _within(rows: Iterable[Row], between: Range) -> list[Row]:
    return [row for row in rows if between[0] <= row["window_start"] < between[1]]


def _badness(row: Row) -> tuple[Any, ...]:
    share = row["quantity"] / max(row["threshold"], 1)
    return row["level"] != "out", share, row["product_id"], row["warehouse_id"]
