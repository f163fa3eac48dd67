"""Sessions: what one user did with no gap of more than half an hour."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from support.oracle.facts import Facts
from support.oracle.money import revenue_of
from support.oracle.rows import SESSION_GAP, Row, is_due, is_paid, time_of


def sessions(facts: Facts) -> list[Row]:
    by_user: dict[str, list[Row]] = defaultdict(list)
    for row in facts.actions():
        by_user[row["user_id"]].append(row)
    sessions = (_summary(session) for rows in by_user.values() for session in _sessions(sorted(rows, key=time_of)))
    return [session for session in sessions if is_due(session, facts.until)]


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
    cart: set[str] = set()
    for click in clicks:
        if click["action"] == "add_to_cart":
            cart.add(click["product_id"])
        elif click["action"] == "remove_from_cart":
            cart.discard(click["product_id"])
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    for row in paid:
        revenue[row["currency"]] += revenue_of(row)
    return {
        "user_id": session[0]["user_id"],
        "session_start": session[0]["event_time"],
        "session_end": session[-1]["event_time"],
        "actions": len(session),
        "products_viewed": len({click["product_id"] for click in clicks if click["action"] == "product_view"}),
        "products_carted": len({click["product_id"] for click in clicks if click["action"] == "add_to_cart"}),
        "products_bought": len({row["product_id"] for row in paid}),
        "revenue": [{"currency": currency, "amount": revenue[currency]} for currency in sorted(revenue)],
        "abandoned_cart": bool(cart) and not paid,
    }
