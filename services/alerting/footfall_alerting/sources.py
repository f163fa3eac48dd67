"""From the rows of Footfall's own streams to events. Pure."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from footfall_alerting.events import Event, Severity
from footfall_alerting.payload import time_text

SEVERITIES: Mapping[str, Severity] = {
    "inventory.out_of_stock": "critical",
    "inventory.low": "warning",
    "inventory.depleting": "warning",
}
"""Of the types of alerts; others are for information."""
_FACTS = (
    "alert_id",
    "product_id",
    "product_name",
    "category_id",
    "warehouse_id",
    "quantity",
    "previous_quantity",
    "threshold",
    "sequence",
    "update_id",
)
_FORECAST = ("sales_per_hour", "stockout_at", "stockout_earliest", "stockout_latest")


def event_of_alert(row: Mapping[str, Any]) -> Event:
    """Return the event that a row of inventory-alerts tells of."""
    names = (*_FACTS, *_FORECAST) if row["alert_type"] == "inventory.depleting" else _FACTS
    return Event(
        id=row["alert_id"],
        type=row["alert_type"],
        time=row["event_time"],
        key=row["product_id"],
        data={name: _plain(row[name]) for name in names},
        product=row["product_id"],
        category=row["category_id"],
        warehouse=row["warehouse_id"],
        severity=SEVERITIES.get(row["alert_type"], "info"),
        sequence=row["sequence"],
        traceparent=row.get("traceparent") or "",
    )


def event_of_cart(row: Mapping[str, Any]) -> Event:
    """Return the event that a row of abandoned_carts tells of."""
    user, start = row["user_id"], time_text(row["session_start"])
    return Event(
        id="cart_" + hashlib.sha256(f"{user}\n{start}".encode(errors="replace")).hexdigest()[:32],
        type="cart.abandoned",
        time=row["session_end"],
        key=user,
        data={
            "user_id": user,
            "session_start": start,
            "session_end": time_text(row["session_end"]),
            "products": row["product_ids"],
            "value": [{"currency": each["currency"], "amount": _plain(each["amount"])} for each in row["value"]],
        },
    )


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return time_text(value)
        case Decimal():
            cents = value.quantize(Decimal("0.01"))
            return str(cents) if cents == value else f"{value.normalize():f}"
        case _:
            return value
