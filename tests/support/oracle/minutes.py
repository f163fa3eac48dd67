"""Streams with a row per minute, or of the minutes up to it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain

from support.oracle.facts import UNKNOWN, Facts
from support.oracle.money import ZERO, revenue_of, totals
from support.oracle.rows import MINUTE, Row, is_paid, minute_of, window

ACTIVE = 5
"""Minutes in which a user counts as active."""
STATUSES = {"succeeded": "purchase", "failed": "payment_failed"}


def event_counts(facts: Facts) -> list[Row]:
    return [
        at | {"action": action, "source": source, "events": len(rows)}
        for at, (action, source), rows in _grouped(
            facts, chain(facts.actions(), facts.refunds), lambda row: (_action_of(row), row["source"])
        )
    ]


def unique_visitors(facts: Facts) -> list[Row]:
    return [
        at | {"visitors": len({row["user_id"] for row in rows})}
        for at, _, rows in _grouped(facts, facts.actions(), lambda _: ())
    ]


def active_visitors(facts: Facts) -> list[Row]:
    """Return the distinct users of each five minutes that hold any, one window for every minute in which one ends."""
    minutes: dict[datetime, set[str]] = defaultdict(set)
    for row in facts.actions():
        minutes[minute_of(row)].add(row["user_id"])
    ends = {minute + step * MINUTE for minute in minutes for step in range(1, ACTIVE + 1)}
    found = []
    for end in sorted(end for end in ends if end <= facts.until):
        users = set().union(*(minutes.get(end - step * MINUTE, set()) for step in range(1, ACTIVE + 1)))
        found.append(window(end - ACTIVE * MINUTE, ACTIVE * MINUTE) | {"visitors": len(users)})
    return found


def revenue_per_minute(facts: Facts) -> list[Row]:
    return [
        at | {"currency": currency} | totals(facts, rows)
        for at, (currency,), rows in _grouped(facts, _moving_money(facts), lambda row: (row["currency"],))
    ]


def revenue_by_category(facts: Facts) -> list[Row]:
    return [
        at | {"currency": currency, "category": category} | totals(facts, rows)
        for at, (currency, category), rows in _grouped(
            facts, _moving_money(facts), lambda row: (row["currency"], facts.category_of(row))
        )
    ]


def ecommerce_metrics(facts: Facts) -> list[Row]:
    def metric(row: Row, name: str, value: object) -> Row:
        ends = {"window_start": row["window_start"], "window_end": row["window_end"]}
        currency = row.get("currency", "")
        return ends | {"metric_name": name, "currency": currency, "metric_value": Decimal(str(value))}

    return [
        *(metric(row, f"{row['action']}_{row['source']}", row["events"]) for row in event_counts(facts)),
        *(metric(row, f"revenue_{row['category']}", row["revenue"]) for row in revenue_by_category(facts)),
        *(metric(row, "unique_visitors", row["visitors"]) for row in unique_visitors(facts)),
    ]


def payment_failures(facts: Facts) -> list[Row]:
    failed = (row for row in facts.checkouts if row["payment_status"] == "failed")
    return [
        at | {"reason": reason, "failures": len(rows)}
        for at, (reason,), rows in _grouped(facts, failed, lambda row: (row["payment_failure_reason"] or UNKNOWN,))
    ]


def buyers_by_gender(facts: Facts) -> list[Row]:
    paid = filter(is_paid, facts.checkouts)
    return [
        at
        | {
            "currency": currency,
            "gender": gender,
            "buyers": len({row["user_id"] for row in rows}),
            "revenue": sum(map(revenue_of, rows), ZERO),
        }
        for at, (currency, gender), rows in _grouped(
            facts, paid, lambda row: (row["currency"], facts.user_field(row, "gender"))
        )
    ]


def top_categories(facts: Facts) -> list[Row]:
    paid = (row for row in facts.checkouts if is_paid(row) and row["event_time"] <= facts.until)
    counts = Counter(map(facts.category_of, paid))
    return [{"category": category, "purchases": count} for category, count in counts.items()]


def _grouped(
    facts: Facts, rows: Iterable[Row], dimensions: Callable[[Row], tuple[Hashable, ...]]
) -> Iterator[tuple[Row, tuple[Hashable, ...], list[Row]]]:
    """Group rows by complete minute and dimensions."""
    groups: dict[tuple[datetime, tuple[Hashable, ...]], list[Row]] = defaultdict(list)
    for row in rows:
        minute = minute_of(row)
        if minute + MINUTE <= facts.until:
            groups[minute, dimensions(row)].append(row)
    for (minute, values), members in groups.items():
        yield window(minute, MINUTE), values, members


def _action_of(row: Row) -> str:
    if "refund_id" in row:
        return "refund"
    return row["action"] if "action" in row else STATUSES.get(row["payment_status"], "unknown")


def _moving_money(facts: Facts) -> Iterator[Row]:
    return chain(facts.checkouts, facts.refunds)
