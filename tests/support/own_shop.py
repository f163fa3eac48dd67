"""An invented shop that sends its own events: its orders and refunds as it tells them, and by hand what they come to."""

import json
import random
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from support.events import checkout, refund
from support.oracle import Row

Told = dict[str, Any]
CURRENCIES = ("EUR", "SEK")
APART = timedelta(seconds=5)
GOES_BACK = timedelta(minutes=3)
PRODUCTS = ("mug", "lamp", "poster", "pan")
TOTALS = ("gross", "revenue", "refunds", "shipping")


def lines(begin: datetime, orders: int, *, name: str = "A", seed: int = 1) -> list[Told]:
    """Return what the shop writes, in the order in which it happened.

    Some orders are test orders, some are written twice (their thank-you page was loaded again), some are of visitors whom
    nobody knows, some are not paid; of every seventh a line goes back.
    """
    draw = random.Random(seed)
    told: list[Told] = []
    for number in range(orders):
        order = _order(draw, f"{name}{number}", begin + APART * number)
        told += [order] * (2 if number % 20 == 0 else 1)
        if number % 7 == 0 and order["paid"] and not order["test"]:
            told.append(_refund(draw, order, begin + APART * number + GOES_BACK))
    return sorted(told, key=lambda each: str(each["at"]))


def text(told: list[Told]) -> str:
    """Return the shop's file."""
    return "".join(json.dumps(each) + "\n" for each in told)


def events(told: list[Told]) -> dict[str, list[Row]]:
    """Return the events that these lines are, by topic: as the schemas mean them, not as the page's code makes them."""
    found: dict[str, list[Row]] = {"checkouts": [], "refunds": []}
    for each in told:
        if each["test"]:
            continue
        common: dict[str, Any] = {
            "order_id": each["order"],
            "user_id": each["customer"] if each["customer"] is not None else "anonymous-" + each["cookie"],
            "currency": each["currency"],
            "category_id": None,
        }
        when = datetime.fromisoformat(each["at"])
        if "refund" in each:
            given = {"product_id": each["product"], "quantity": each["quantity"]}
            found["refunds"].append(refund(each["refund"], when, each["amount"], **common, **given))
            continue
        for place, line in enumerate(each["lines"]):
            found["checkouts"].append(
                checkout(
                    "-".join([each["order"], str(each["attempt"]), str(place + 1)]),
                    when,
                    "succeeded" if each["paid"] else "failed",
                    **common,
                    product_id=line["product"],
                    quantity=line["quantity"],
                    unit_price=Decimal(line["price"]),
                    discount_rate=Decimal(line["discount"]).quantize(Decimal("0.0001")),
                    shipping_cost=Decimal(line["shipping"]),
                    payment_method=each["method"],
                )
            )
    return found


def by_hand(told: list[Told]) -> dict[tuple[datetime, str], dict[str, Decimal | int]]:
    """Return what each minute and currency comes to, in whole millionths of its unit, each line once."""
    once = {json.dumps(each): each for each in told if not each["test"]}
    found: dict[tuple[datetime, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys((*TOTALS, "units"), 0))
    orders: dict[tuple[datetime, str], set[str]] = defaultdict(set)
    for each in once.values():
        minute = datetime.fromisoformat(each["at"]).replace(second=0, microsecond=0), each["currency"]
        row = found[minute]
        if "refund" in each:
            row["refunds"] += _cents(each["amount"]) * 10_000
        for line in each.get("lines", []) if each.get("paid") else []:
            gross = _cents(line["price"]) * line["quantity"]
            row["gross"] += gross * 10_000
            row["revenue"] += gross * (10_000 - _cents(line["discount"]) * 100)
            row["shipping"] += _cents(line["shipping"]) * 10_000
            row["units"] += line["quantity"]
            orders[minute].add(each["order"])
    return {
        place: {name: Decimal(row[name]) / 1_000_000 for name in TOTALS}
        | {"units": row["units"], "orders": len(orders[place])}
        for place, row in found.items()
    }


def _order(draw: random.Random, order: str, when: datetime) -> Told:
    customer = draw.choice([None, *(f"c-{number}" for number in range(30))])
    return {
        "at": when.isoformat(),
        "order": order,
        "attempt": 1,
        "customer": customer,
        "cookie": f"{draw.randrange(1 << 20):05x}",
        "currency": draw.choice(CURRENCIES),
        "paid": draw.random() < 0.9,
        "test": draw.random() < 0.02,
        "method": draw.choice(["card", "paypal"]),
        "lines": [
            {
                "product": draw.choice(PRODUCTS),
                "quantity": draw.randint(1, 4),
                "price": f"{draw.randint(0, 300)}.{draw.randint(0, 99):02d}",
                "discount": draw.choice(["0", "0.10", "0.25"]),
                "shipping": draw.choice(["0.00", "4.90"]),
            }
            for _ in range(draw.randint(1, 3))
        ],
    }


def _refund(draw: random.Random, order: Told, when: datetime) -> Told:
    line = draw.choice(order["lines"])
    return {name: order[name] for name in ("order", "customer", "cookie", "currency", "test")} | {
        "at": when.isoformat(),
        "refund": f"R-{order['order']}",
        "product": line["product"],
        "quantity": 1,
        "amount": line["price"],
    }


def _cents(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole + part.ljust(2, "0"))
