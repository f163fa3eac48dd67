"""Streams over an hour that slides by five minutes, put together from panes of five minutes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from support.oracle.facts import Facts
from support.oracle.rows import HOUR, Row, floor, is_paid, time_of, window

SLIDE = timedelta(minutes=5)
PANES = HOUR // SLIDE
RANKED = 10
VIEWERS, CARTERS, BUYERS = range(3)

Scoped: TypeAlias = tuple[str, str]
"""Scope and category."""
Users: TypeAlias = tuple[set[str], set[str], set[str]]


def top_products(facts: Facts) -> list[Row]:
    paid = filter(is_paid, facts.checkouts)
    return _ranked(facts, ((time_of(row), row["product_id"], row["quantity"]) for row in paid), "units")


def most_viewed_products(facts: Facts) -> list[Row]:
    views = (row for row in facts.clicks if row["action"] == "product_view" and row["product_id"] is not None)
    return _ranked(facts, ((time_of(row), row["product_id"], 1) for row in views), "views")


def conversion_rates(facts: Facts) -> list[Row]:
    panes: dict[datetime, dict[Scoped, Users]] = defaultdict(lambda: defaultdict(lambda: (set(), set(), set())))
    for row, part in _product_events(facts):
        pane = panes[floor(time_of(row), SLIDE)]
        for scoped in (("category", facts.category_of(row)), ("shop", "")):
            pane[scoped][part].add(row["user_id"])
    found = []
    for start in _starts(panes, facts.until):
        users: dict[Scoped, Users] = defaultdict(lambda: (set(), set(), set()))
        for pane in (panes[each] for each in _panes(start) if each in panes):
            for scoped, parts in pane.items():
                for known, more in zip(users[scoped], parts, strict=True):
                    known.update(more)
        found += [window(start, HOUR) | _rates(*scoped, *map(len, parts)) for scoped, parts in users.items()]
    return found


def _product_events(facts: Facts) -> Iterator[tuple[Row, int]]:
    parts = {"product_view": VIEWERS, "add_to_cart": CARTERS}
    yield from ((row, parts[row["action"]]) for row in facts.clicks if row["action"] in parts)
    yield from ((row, BUYERS) for row in facts.checkouts if is_paid(row))


def _rates(scope: str, category: str, viewers: int, carters: int, buyers: int) -> Row:
    return {
        "scope": scope,
        "category": category,
        "viewers": viewers,
        "carters": carters,
        "buyers": buyers,
        "cart_rate": carters / viewers if viewers else None,
        "purchase_rate": buyers / viewers if viewers else None,
    }


def _ranked(facts: Facts, counted: Iterable[tuple[datetime, str, int]], name: str) -> list[Row]:
    panes: dict[datetime, Counter[str]] = defaultdict(Counter)
    for when, product, amount in counted:
        panes[floor(when, SLIDE)][product] += amount
    found = []
    for start in _starts(panes, facts.until):
        total: Counter[str] = Counter()
        for pane in _panes(start):
            total.update(panes.get(pane, {}))
        best = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:RANKED]
        found += [
            window(start, HOUR) | {"rank": rank, "product_id": product, name: amount}
            for rank, (product, amount) in enumerate(best, start=1)
        ]
    return found


def _starts(panes: Iterable[datetime], until: datetime) -> list[datetime]:
    """Return the beginnings of the complete hours that hold any of the panes."""
    starts = {pane - step * SLIDE for pane in panes for step in range(PANES)}
    return sorted(start for start in starts if start + HOUR <= until)


def _panes(start: datetime) -> Iterator[datetime]:
    return (start + step * SLIDE for step in range(PANES))
