"""Hours of a shop in which every identity between streams holds, and a row of each that makes one of them not hold. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from footfall_analytics.integrity.identities import Identity, Side
from footfall_schemas.topics import Json, topic

Rows: TypeAlias = Mapping[str, list[Json]]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MONEY: Json = {
    "gross": Decimal(10),
    "discount": Decimal(1),
    "shipping": Decimal(1),
    "revenue": Decimal(9),
    "refunds": Decimal(2),
    "net_revenue": Decimal(7),
    "profit": Decimal(3),
    "orders": 1,
    "units": 2,
    "failed_payments": 1,
}
EVENTS = {"purchase": 1, "payment_failed": 1, "product_view": 5, "refund": 1}
NOT_REPLACED = "attributed_checkouts"
"""Has a row for each checkout: one that is wrong is not taken back by another of the same key."""


def hour(begin: datetime) -> Rows:
    """Return the rows of an hour in whose first minute one thing was bought, one payment failed, and nothing else happened.

    Args:
        begin: Of the hour.
    """
    minute = {"window_start": begin, "window_end": begin + MINUTE}
    whole = {"window_start": begin, "window_end": begin + HOUR}
    euros = minute | {"currency": "EUR"}
    day = {"date": begin.date()}
    long_form = [
        *((f"{action}_website", "", Decimal(number)) for action, number in EVENTS.items()),
        ("revenue_Toys", "EUR", Decimal(9)),
        ("unique_visitors", "", Decimal(3)),
    ]
    counted: Json = {"viewers": 2, "carters": 1, "buyers": 1, "cart_rate": None, "purchase_rate": None}
    return {
        "revenue_per_minute": [euros | MONEY],
        "revenue_by_category": [euros | MONEY | {"category": "Toys"}],
        "event_counts": [
            minute | {"action": action, "source": "website", "events": number} for action, number in EVENTS.items()
        ],
        "ecommerce_metrics": [
            minute | {"metric_name": name, "currency": currency, "metric_value": value}
            for name, currency, value in long_form
        ],
        "unique_visitors": [minute | {"visitors": 3}],
        "active_visitors": [{"window_start": begin, "window_end": begin + 5 * MINUTE, "visitors": 3}],
        "cumulative_visitors": [{"window_start": begin, "window_end": begin + 10 * MINUTE, "visitors": 3} | day],
        "trading_volume": [whole | day | {"hour": begin.hour, "purchases": 1}],
        "top_products": [whole | {"rank": 1, "product_id": "mug", "units": 2}],
        "most_viewed_products": [whole | {"rank": 1, "product_id": "mug", "views": 5}],
        "conversion_rates": [whole | {"scope": "shop", "category": ""} | counted],
        "channel_revenue": [
            euros | {"channel": "email", "checkouts": 2, "purchases": 1, "revenue": Decimal(9), "profit": Decimal(3)}
        ],
        "payment_failures": [minute | {"reason": "card_declined", "failures": 1}],
        "buyers_by_gender": [euros | {"gender": "female", "buyers": 1, "revenue": Decimal(9)}],
        NOT_REPLACED: [_checkout(begin, "succeeded", 9), _checkout(begin, "failed", 0)],
    }


def wrong(identity: Identity, rows: Rows) -> tuple[str, Json, Json]:
    """Return a stream, a row of it that makes the identity not hold, and the row that it replaces.

    Args:
        identity: Which one.
        rows: Those of an hour in which it holds.
    """
    side, by = (identity.left, 1_000_000) if identity.relation == "at_most" else (identity.left, 1)
    if side.topic == NOT_REPLACED:
        side = identity.right
    for row in rows[side.topic]:
        for changed in _changed(side, row, by):
            return side.topic, changed, row
    raise AssertionError(f"no row of {side.topic} counts for {identity.name}")


def _changed(side: Side, row: Json, by: int) -> Iterator[Json]:
    """Yield the row with more in the one column that the side adds up."""
    if not side.counts(row):
        return
    for name in topic(side.topic).field_names:
        if isinstance(row[name], int | Decimal):
            more = row | {name: row[name] + by}
            if side.amount(more) != side.amount(row):
                yield more


def _checkout(begin: datetime, status: str, revenue: int) -> Json:
    return {
        "checkout_id": f"{status}-{begin:%Y%m%d%H}",
        "order_id": f"order-{status}-{begin:%Y%m%d%H}",
        "checkout_time": begin + timedelta(seconds=30),
        "user_id": "ann",
        "user_name": "Ann",
        "product_id": "mug",
        "payment_status": status,
        "quantity": 1,
        "currency": "EUR",
        "revenue": Decimal(revenue),
        "profit": Decimal(0),
        "click_id": None,
        "click_time": None,
        "channel": None,
    }
