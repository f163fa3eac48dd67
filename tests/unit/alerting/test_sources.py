"""From rows of streams to events, whose payloads must keep their schemas."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from footfall_alerting import event_types
from footfall_alerting.payload import body_of
from footfall_alerting.sources import event_of_alert, event_of_cart
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from .examples import MOMENT, alert

FORECAST = {
    "sales_per_hour": 4.2,
    "stockout_at": MOMENT + timedelta(hours=7),
    "stockout_earliest": MOMENT + timedelta(hours=5),
    "stockout_latest": None,
}
CART: dict[str, Any] = {
    "user_id": "u1",
    "session_start": MOMENT,
    "session_end": MOMENT + timedelta(minutes=5),
    "products_in_cart": 2,
    "product_ids": ["p1", "p2"],
    "value": [
        {"currency": "EUR", "amount": Decimal("89.800000")},
        {"currency": "BHD", "amount": Decimal("1.123000")},
    ],
}


def valid(body: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body)
    Draft202012Validator(event_types.schemas()[document["type"]]).validate(document)
    return document


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("inventory.low", "warning"),
        ("inventory.out_of_stock", "critical"),
        ("inventory.recovered", "info"),
        ("inventory.depleting", "warning"),
    ],
)
def test_an_alert_says_everything_about_itself(kind: str, severity: str) -> None:
    event = event_of_alert(alert(alert_type=kind, **FORECAST, traceparent=None))
    document = valid(body_of(event, "http://localhost:8090/"))
    assert document["data"]["severity"] == severity == event.severity
    assert document["data"]["sequence"] == event.sequence == 7
    assert document["timestamp"] == "2026-03-01T12:00:00.250Z"
    assert (event.id, event.key, event.product, event.category, event.warehouse) == ("alert-1", "p1", "p1", "c1", "w1")
    assert ("stockout_at" in document["data"]) == (kind == "inventory.depleting")


def test_the_trace_goes_on() -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert event_of_alert(alert(traceparent=trace)).traceparent == trace
    assert event_of_alert(alert()).traceparent == ""


def test_a_cart_says_what_it_is_worth() -> None:
    event = event_of_cart(CART)
    document = valid(body_of(event, "http://localhost:8090/"))
    assert document["data"]["value"] == [
        {"currency": "EUR", "amount": "89.80"},
        {"currency": "BHD", "amount": "1.123"},
    ]
    assert event.time == datetime(2026, 3, 1, 12, 5, 0, 250_000, tzinfo=UTC)
    assert event_of_cart(CART).id == event.id != event_of_cart(CART | {"session_start": datetime.now(UTC)}).id
