"""Visits: what one user did with no gap of more than half an hour."""

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
    visits = (_summary(visit) for rows in by_user.values() for visit in _visits(sorted(rows, key=time_of)))
    return [visit for visit in visits if is_due(visit, facts.until)]


def _visits(rows: list[Row]) -> Iterator[list[Row]]:
    visit = rows[:1]
    for row in rows[1:]:
        if row["event_time"] - visit[-1]["event_time"] > SESSION_GAP:
            yield visit
            visit = []
        visit.append(row)
    yield visit


def _summary(visit: list[Row]) -> Row:
    clicks = [row for row in visit if "action" in row and row["product_id"] is not None]
    paid = [row for row in visit if "action" not in row and is_paid(row)]
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
        "user_id": visit[0]["user_id"],
        "session_start": visit[0]["event_time"],
        "session_end": visit[-1]["event_time"],
        "actions": len(visit),
        "products_viewed": len({click["product_id"] for click in clicks if click["action"] == "product_view"}),
        "products_carted": len({click["product_id"] for click in clicks if click["action"] == "add_to_cart"}),
        "products_bought": len({row["product_id"] for row in paid}),
        "revenue": [{"currency": currency, "amount": revenue[currency]} for currency in sorted(revenue)],
        "abandoned_cart": bool(cart) and not paid,
    }
