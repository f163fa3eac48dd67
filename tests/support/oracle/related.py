"""Products that were viewed in one session, recent views weighing more."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from support.oracle.facts import Facts
from support.oracle.rows import Row, floor, time_of

TOGETHER = timedelta(minutes=30)
BEFORE = 5
SLOT = timedelta(seconds=5)
RANKED = 20
MEMORY = timedelta(days=28)
MILLISECOND = timedelta(milliseconds=1)
A_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


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
    newest = max(end for ends in others.values() for end in ends)
    remembered = {other: _remembered(ends, newest) for other, ends in others.items()}
    scores = {other: _score(ends, newest) for other, ends in remembered.items() if ends}
    ranked = sorted(scores, key=lambda other: (-scores[other], other))[:RANKED]
    return {
        "product_id": product,
        "as_of": newest,
        "related": [
            {"product_id": other, "score": scores[other], "support": len(remembered[other]), "rank": rank}
            for rank, other in enumerate(ranked, start=1)
        ],
    }


def _remembered(ends: list[datetime], newest: datetime) -> list[datetime]:
    """Return the co-views since the last pause that was longer than the memory; none during such a pause."""
    kept: list[datetime] = []
    for end in sorted(ends):
        if kept and end - kept[-1] >= MEMORY:
            kept = []
        kept.append(end)
    # What is written at the end of a slot was computed one millisecond before.
    return kept if kept[-1] > newest - MILLISECOND - MEMORY else []


def _score(ends: list[datetime], newest: datetime) -> float:
    weeks = [_week(end) for end in ends]
    oldest = min(weeks)
    return sum(1 << (week - oldest) for week in weeks) / (1 << (_week(newest) - oldest))


def _week(end: datetime) -> int:
    return (end - A_MONDAY) // timedelta(weeks=1)
