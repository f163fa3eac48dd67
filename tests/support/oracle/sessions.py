"""Sessions: what one user did with no gap of more than half an hour."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from support.oracle.facts import Facts
from support.oracle.money import revenue_of
from support.oracle.rows import SESSION_GAP, Row, is_due, is_paid, time_of

NAMED = 20
"""Products of an abandoned cart that are named."""


def sessions(facts: Facts) -> list[Row]:
    return [_summary(session) for session in _ended(facts)]


def abandoned_carts(facts: Facts) -> list[Row]:
    return [_cart(session) for session in _ended(facts) if _summary(session)["abandoned_cart"]]


def _ended(facts: Facts) -> Iterator[list[Row]]:
    by_user: dict[str, list[Row]] = defaultdict(list)
    for row in facts.actions():
        by_user[row["user_id"]].append(row)
    for rows in by_user.values():
        yield from (each for each in _sessions(sorted(rows, key=time_of)) if is_due(_span(each), facts.until))


def _sessions(rows: list[Row]) -> Iterator[list[Row]]:
    session = rows[:1]
    for row in rows[1:]:
        if row["event_time"] - session[-1]["event_time"] > SESSION_GAP:
            yield session
            session = []
        session.append(row)
    yield session


def _summary(session: list[Row]) -> Row:
    clicks = [row for row in session if "action" in row and row["product_id"] is not None]
    paid = [row for row in session if "action" not in row and is_paid(row)]
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    for row in paid:
        revenue[row["currency"]] += revenue_of(row)
    return _span(session) | {
        "actions": len(session),
        "products_viewed": len({click["product_id"] for click in clicks if click["action"] == "product_view"}),
        "products_carted": len({click["product_id"] for click in clicks if click["action"] == "add_to_cart"}),
        "products_bought": len({row["product_id"] for row in paid}),
        "revenue": _amounts(revenue),
        "abandoned_cart": bool(_left_in_cart(session)) and not paid,
    }


def _cart(session: list[Row]) -> Row:
    left = _left_in_cart(session)
    newest = {row["product_id"]: row for row in session if "action" not in row and row["product_id"] in left}
    value: dict[str, Decimal] = defaultdict(Decimal)
    for row in newest.values():
        value[row["currency"]] += revenue_of(row)
    return _span(session) | {
        "products_in_cart": len(left),
        "product_ids": sorted(sorted(left), key=lambda product: left[product], reverse=True)[:NAMED],
        "value": _amounts(value),
    }


def _left_in_cart(session: list[Row]) -> dict[str, datetime]:
    """Return the products whose last cart action was to put them in, and when that was."""
    cart: dict[str, datetime] = {}
    for row in session:
        if "action" in row and row["action"] == "add_to_cart" and row["product_id"] is not None:
            cart[row["product_id"]] = time_of(row)
        elif "action" in row and row["action"] == "remove_from_cart":
            cart.pop(row["product_id"], None)
    return cart


def _span(session: list[Row]) -> Row:
    start, end = time_of(session[0]), time_of(session[-1])
    return {"user_id": session[0]["user_id"], "session_start": start, "session_end": end}


def _amounts(amounts: dict[str, Decimal]) -> list[Row]:
    return [{"currency": currency, "amount": amounts[currency]} for currency in sorted(amounts)]
