"""Purchases and refunds at the ends of what can be written, by one shopper in two currencies. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from support.events import checkout, refund
from support.oracle import Row

CURRENCIES = ("EUR", "SEK")
MOST = Decimal("9999999999.99")
MOST_UNITS = 2**31 - 1


def extremes(name: str, when: datetime, product_id: str) -> tuple[list[Row], list[Row]]:
    """Return checkouts and refunds of one moment, among them a copy of each.

    Args:
        name: Of the user, and before every id.
        when: When all of it happens.
        product_id: What is bought, better one with a commission.
    """
    own: dict[str, Any] = {"user_id": name, "product_id": product_id, "category_id": None}
    euro, krona = ({"currency": currency} for currency in CURRENCIES)
    most: dict[str, Any] = {"quantity": MOST_UNITS, "unit_price": MOST, "shipping_cost": MOST}
    least: dict[str, Any] = {
        "unit_price": Decimal("0.01"),
        "discount_rate": Decimal("0.9999"),
        "shipping_cost": Decimal(0),
    }
    checkouts: list[dict[str, Any]] = [
        *({"quantity": 10_000, "unit_price": Decimal("10000000.00")} | euro for _ in range(11)),
        *(most | krona | {"discount_rate": Decimal("0.0001")} for _ in range(3)),
        most | euro,
        least | euro,
        least | krona,
    ]
    refunds: list[dict[str, Any]] = [
        *({"amount": MOST, "quantity": MOST_UNITS} | krona for _ in range(3)),
        {"amount": MOST} | euro,
        {"amount": Decimal("0.01")} | euro,
        {"amount": Decimal("0.00")} | krona,
    ]
    bought = [checkout(f"{name}-{number}", when, **own | row) for number, row in enumerate(checkouts)]
    returned = [refund(f"{name}-{number}", when, **own | row) for number, row in enumerate(refunds)]
    return [*bought, bought[-1]], [*returned, returned[0]]
