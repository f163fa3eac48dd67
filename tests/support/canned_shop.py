"""A shop's panels as the live page may get them, made up: two currencies, one panel that is stale, one empty, one loading."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from footfall_dashboard.live.info import PanelInfo
from footfall_dashboard.live.panel import plain

Row: TypeAlias = list[Any]

CURRENCIES = {"EUR": Decimal(1), "USD": Decimal("0.31")}
"""The shop's currencies, and how much each sells of what it could."""
CATEGORIES = ("Home & Garden", "Electronics", "Clothing", "Sports", "Books", "Toys", "Beauty", "Unknown")
MORE = ("Garden tools", "Toys for dogs", "Shoes", "Music")
ACTIONS = {
    "page_view": 420,
    "product_view": 380,
    "product_click": 150,
    "add_to_cart": 60,
    "purchase": 22,
    "add_to_wishlist": 12,
    "refund": 1,
}
PRODUCTS = tuple(f"P{number:05}" for number in (7, 41, 218, 5, 842, 113, 60, 391, 12, 77))
NAMES = ("Quiet Helmet", "Nordic Bottle", "Amber Lamp", "Trail Backpack", "Linen Shirt")
STALE, EMPTY, LOADING = "visitors_per_minute", "payment_failures", "abandoned_carts"
STALE_WHY = "Kafka does not answer: see `footfall status`."
EMPTY_WHY = "There was no failed payment in the last hour."


def panels(catalog: Sequence[PanelInfo], now: datetime) -> dict[str, dict[str, Any]]:
    """Return every panel of the catalog at this time, as the server would send it."""
    return {
        info.id: _panel(info, now.replace(second=0, microsecond=0), version) for version, info in enumerate(catalog, 1)
    }


def related(product_id: str, now: datetime) -> dict[str, Any]:
    """Return what the recommender answers."""
    others = [other for other in PRODUCTS if other != product_id]
    items = [
        {"product_id": other, "score": 9.25 - place, "support": 18 - 2 * place, "rank": place + 1}
        for place, other in enumerate(others[:6])
    ]
    return {"product_id": product_id, "model": "co_view", "as_of": plain(now), "items": items}


def _panel(info: PanelInfo, now: datetime, version: int) -> dict[str, Any]:
    state, why, since = {
        STALE: ("stale", STALE_WHY, now - timedelta(minutes=4)),
        EMPTY: ("empty", EMPTY_WHY, None),
        LOADING: ("loading", None, None),
    }.get(info.id, ("live", None, None))
    rows = [] if state in {"empty", "loading"} else ROWS[info.id](now)
    begin = now.replace(hour=0, minute=0) if info.range == "today" else now - timedelta(hours=1)
    return {
        "id": info.id,
        "version": version,
        "state": state,
        "why": why,
        "since": plain(since),
        "as_of": None if state == "loading" else plain(now),
        "final_until": plain(now - timedelta(minutes=5 if info.id == "visitors_per_minute" else 0)),
        "from": plain(begin),
        "to": plain(now),
        "rows": [[plain(cell) for cell in row] for row in rows],
    }


def _wave(at: int, size: int, phase: int = 0) -> int:
    swing = math.sin((at + phase) / 6) * 0.28 + math.sin((at + phase) * 1.7) * 0.12
    return max(0, round(size * (1 + swing)))


def _amount(at: int, size: int, currency: str, phase: int = 0) -> Decimal:
    return Decimal(_wave(at, size * 1000, phase) + at % 7) * CURRENCIES[currency] / 1000


def _minutes(now: datetime) -> list[tuple[int, datetime]]:
    return [(at, now - timedelta(minutes=60 - at)) for at in range(60)]


def _now(now: datetime) -> list[Row]:
    return [
        ["Visitors of the last 5 minutes", None, 1_284, "integer", 1_190],
        ["Revenue today", "EUR", Decimal("148250.1275"), "money", Decimal("131904.5")],
        ["Revenue today", "USD", Decimal("45957.54"), "money", Decimal("47120.00")],
        ["Orders today", "EUR", 2_318, "integer", 2_402],
        ["Orders today", "USD", 702, "integer", 690],
        ["Buyers per viewer, last hour", None, 0.0342, "ratio", 0.0311],
        ["Events per second", None, 812.4, "rate", None],
        ["End-to-end delay", None, 2.6, "seconds", None],
    ]


def _money(now: datetime) -> list[Row]:
    rows = []
    for currency in CURRENCIES:
        for at, minute in _minutes(now):
            revenue, refunds = _amount(at, 4300, currency), _amount(at, 160, currency, 9)
            rows.append(
                [minute, currency, revenue, refunds, revenue - refunds, _amount(at, 610, currency, 2), _wave(at, 58)]
            )
    return rows


def _funnel(now: datetime) -> list[Row]:
    def steps(scope: str, category: str, viewers: int) -> Row:
        carters, buyers = viewers * 31 // 100, viewers * 9 // 100
        return [scope, category, viewers, carters, buyers, carters / viewers, buyers / viewers]

    return [
        steps("shop", "", 5120),
        *(steps("category", name, 1900 // (place + 1)) for place, name in enumerate(CATEGORIES)),
    ]


def _ranked(size: int) -> list[Row]:
    moves = (0, 2, -1, None, 1, -2, 0, 3, -1, None)
    return [[place + 1, product, size // (place + 2), moves[place]] for place, product in enumerate(PRODUCTS)]


def _by_category(now: datetime) -> list[Row]:
    return [
        [name, currency, amount, amount / 40, amount - amount / 40]
        for currency in CURRENCIES
        for place, name in enumerate(CATEGORIES)
        for amount in [_amount(place, 52000 // (place + 1), currency)]
    ]


def _compared(now: datetime) -> list[Row]:
    minute, before = now, now - timedelta(minutes=1)
    files = [f"flink/sql/process/published/{name}.sql" for name in ("revenue_by_category", "revenue_per_minute")]
    rows: list[Row] = [
        ["no", "revenue_of_categories", "EUR", "", before, minute, "1042.1", files[0], "equal to", "1041.1", files[1]]
    ]
    others = ("units_of_categories", "refunds_of_categories")
    return [
        *rows,
        *(["yes", name, "USD", "", before, minute, "12", files[0], "equal to", "12", files[1]] for name in others),
    ]


ROWS: dict[str, Callable[[datetime], list[Row]]] = {
    "integrity": _compared,
    "now": _now,
    "money": _money,
    "funnel": _funnel,
    "top_products": lambda _: _ranked(420),
    "most_viewed_products": lambda _: _ranked(9800),
    "hourly_trading_volume": lambda now: [[hour, _wave(hour, 130 + 20 * hour), now] for hour in range(now.hour + 1)],
    "unique_visitors_today": lambda now: [
        [now.replace(hour=0, minute=0) + timedelta(minutes=10 * slot), 40 * slot + slot * slot // 2]
        for slot in range((now.hour * 60 + now.minute) // 10)
    ],
    "top_categories": lambda _: [[name, 21000 // (place + 1)] for place, name in enumerate((*CATEGORIES, *MORE))],
    "revenue_and_profit": lambda now: [[row[0], row[1], row[2], row[5]] for row in _money(now)],
    "checkouts_by_channel": lambda _: [
        [name, 1400 // place, 1260 // place]
        for place, name in enumerate(("organic", "direct", "paid_search", "email", "social", "unknown"), 1)
    ],
    "popular_categories": lambda _: [[name, 3400 // (place + 1)] for place, name in enumerate(CATEGORIES)],
    "payment_failures": lambda _: [["card_declined", 40], ["insufficient_funds", 22]],
    "buyers_by_gender": lambda _: [
        [gender, currency, 700 // place, _amount(place, 61000 // place, currency)]
        for currency in CURRENCIES
        for place, gender in enumerate(("female", "male", "unknown"), 1)
    ],
    "events_by_type": lambda now: [
        [minute, action, _wave(at, size, size)] for at, minute in _minutes(now) for action, size in ACTIONS.items()
    ],
    "events_by_source": lambda now: [
        [minute, source, _wave(at, size, size)]
        for at, minute in _minutes(now)
        for source, size in (("website", 640), ("mobile_app", 410))
    ],
    "revenue_by_category": _by_category,
    "visitors_per_minute": lambda now: [[minute, _wave(at, 410, 4)] for at, minute in _minutes(now) if at < 55],
    "low_stock": lambda now: [
        [
            f"P{at:05}",
            f"{NAMES[at % 5]} {at}",
            f"W{at % 3 + 1}",
            at // 4,
            5 + at // 4,
            "out" if at < 4 else "low",
            now - timedelta(minutes=at * 3),
        ]
        for at in range(24)
    ],
    "abandoned_carts": lambda now: [[minute, _wave(at, 6)] for at, minute in _minutes(now)],
}
"""Makes each panel's rows."""
