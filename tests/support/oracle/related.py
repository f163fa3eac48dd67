"""Products that were viewed in one visit, recent views weighing more."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from support.oracle.facts import Facts
from support.oracle.rows import Row, floor, time_of

TOGETHER = timedelta(minutes=30)
BEFORE = 5
SLOT = timedelta(seconds=5)
RANKED = 20
FIRST_WEEK = datetime(2026, 1, 5, tzinfo=UTC)


def related_products(facts: Facts) -> list[Row]:
    by_user: dict[str, list[Row]] = defaultdict(list)
    for row in facts.clicks:
        if row["action"] == "product_view" and row["product_id"] is not None:
            by_user[row["user_id"]].append(row)
    pairs: dict[str, dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for rows in by_user.values():
        for one, other, when in _co_views(sorted(rows, key=time_of)):
            ends = floor(when, SLOT) + SLOT
            if ends <= facts.until:
                pairs[one][other].append(ends)
                pairs[other][one].append(ends)
    return [_related(product, others) for product, others in pairs.items()]


def _co_views(rows: list[Row]) -> Iterator[tuple[str, str, datetime]]:
    for index, row in enumerate(rows):
        for earlier in rows[max(0, index - BEFORE) : index]:
            near = earlier["event_time"] >= row["event_time"] - TOGETHER
            if near and earlier["product_id"] != row["product_id"]:
                yield row["product_id"], earlier["product_id"], row["event_time"]


def _related(product: str, others: dict[str, list[datetime]]) -> Row:
    scores = {other: _score(ends) for other, ends in others.items()}
    ranked = sorted(others.items(), key=lambda item: (-scores[item[0]], item[0]))[:RANKED]
    return {
        "product_id": product,
        "as_of": max(end for _, ends in ranked for end in ends),
        "related": [
            {"product_id": other, "score": scores[other], "support": len(ends), "rank": rank}
            for rank, (other, ends) in enumerate(ranked, start=1)
        ],
    }


def _score(ends: list[datetime]) -> float:
    return sum(2.0 ** ((end - FIRST_WEEK) // timedelta(weeks=1)) for end in ends)
