"""Events and dimension rows for tests: harmless ones, changed in the fields that matter."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from support.oracle.rows import EPOCH, Row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes: float = 0, *, seconds: float = 0) -> datetime:
    """Return a moment so long after noon."""
    return NOON + timedelta(minutes=minutes, seconds=seconds)


def click(event_id: str, when: datetime, action: str = "product_view", **fields: Any) -> Row:
    return {
        "event_id": event_id,
        "event_time": when,
        "user_id": "ann",
        "session_id": None,
        "action": action,
        "page": None,
        "product_id": "pan",
        "category_id": "c-pans",
        "source": "website",
        "channel": None,
        "user_agent": None,
        "recommendation_id": None,
    } | fields


def checkout(checkout_id: str, when: datetime, status: str = "succeeded", **fields: Any) -> Row:
    return {
        "checkout_id": checkout_id,
        "order_id": f"order-{checkout_id}",
        "event_time": when,
        "user_id": "ann",
        "session_id": None,
        "product_id": "pan",
        "category_id": "c-pans",
        "quantity": 1,
        "unit_price": Decimal("10.00"),
        "discount_rate": Decimal("0.0000"),
        "shipping_cost": Decimal("1.00"),
        "currency": "EUR",
        "payment_method": "card",
        "payment_status": status,
        "payment_failure_reason": None,
        "source": "website",
        "channel": None,
    } | fields


def refund(refund_id: str, when: datetime, amount: str = "10.00", **fields: Any) -> Row:
    return {
        "refund_id": refund_id,
        "event_time": when,
        "user_id": "ann",
        "order_id": "order-1",
        "checkout_id": None,
        "product_id": "pan",
        "category_id": "c-pans",
        "quantity": 1,
        "amount": Decimal(amount),
        "currency": "EUR",
        "reason": None,
        "source": "website",
    } | fields


def inventory_update(update_id: str, when: datetime, quantity: int, **fields: Any) -> Row:
    return {
        "update_id": update_id,
        "event_time": when,
        "product_id": "pan",
        "warehouse_id": "W1",
        "change": -1,
        "quantity_on_hand": quantity,
        "reason": "sale",
    } | fields


def product(updated_at: datetime = EPOCH, **fields: Any) -> Row:
    return {
        "product_id": "pan",
        "updated_at": updated_at,
        "name": "Pan",
        "category_id": "c-pans",
        "brand": "Fjord",
        "unit_price": Decimal("10.00"),
        "commission_rate": Decimal("0.1000"),
        "reorder_threshold": 3,
    } | fields


def category(updated_at: datetime = EPOCH, **fields: Any) -> Row:
    return {
        "category_id": "c-pans",
        "updated_at": updated_at,
        "name": "Pans",
        "parent_category_name": "Kitchen",
    } | fields


def user(updated_at: datetime = EPOCH, **fields: Any) -> Row:
    return {
        "user_id": "ann",
        "updated_at": updated_at,
        "name": "Ann",
        "gender": "female",
        "country": "DE",
        "registered_at": EPOCH,
    } | fields
