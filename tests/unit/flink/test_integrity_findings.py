"""What is said of two numbers, and when; and what of sums that only grow."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from footfall_analytics.integrity.accounts import (
    ACCOUNTS,
    COUNTED_EVENTS,
    COUNTS,
    DEAD,
    DEAD_LETTERS,
    LATE,
    LATE_EVENTS,
    QUIET,
    Accounts,
)
from footfall_analytics.integrity.findings import CONFIRMED, Published, findings_of
from footfall_analytics.integrity.identities import WINDOWED
from footfall_schemas.codec import encode
from footfall_schemas.topics import topic

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = (NOON, NOON + timedelta(minutes=1))
BY_NAME = {identity.name: identity for identity in WINDOWED}
REVENUE = BY_NAME["revenue_of_categories"]
METRICS = BY_NAME["metrics_of_revenue"]
ORDERS = BY_NAME["orders_within_purchases"]


def test_names_are_unique_and_said_in_a_sentence() -> None:
    assert len(BY_NAME) == len(WINDOWED)
    assert all(identity.means.endswith(".") for identity in WINDOWED)


def test_of_each_currency_one_number_is_said_and_never_a_sum_of_two() -> None:
    numbers = {("EUR", "a"): (1, 1), ("EUR", "b"): (2, 2), ("USD", "a"): (5, 5)}

    found = list(findings_of(METRICS, WINDOW, numbers))

    assert [(each.currency, each.part, each.left, each.right, each.holds) for each in found] == [
        ("EUR", "", 3, 3, True),
        ("USD", "", 5, 5, True),
    ]


def test_the_part_that_differs_is_named() -> None:
    (found,) = findings_of(METRICS, WINDOW, {("EUR", "a"): (1, 1), ("EUR", "b"): (2, 3)})

    assert (found.part, found.left, found.right, found.holds) == ("b", 2, 3, False)


def test_at_most_may_be_less_and_not_more() -> None:
    assert ORDERS.holds(2, 3)
    assert ORDERS.holds(3, 3)
    assert not ORDERS.holds(4, 3)


def test_a_finding_is_a_row_of_the_topic() -> None:
    (found,) = findings_of(REVENUE, WINDOW, {("EUR", ""): (Decimal("1.5"), Decimal("1.25"))})

    assert encode(1, topic("integrity").schema, found.row())


def test_a_difference_is_said_when_it_lasts() -> None:
    published, wrong = Published(), {("EUR", ""): (1, 2)}

    assert published.news(REVENUE, WINDOW, wrong, now=0.0) == []
    assert published.news(REVENUE, WINDOW, wrong, now=1.0) == []
    assert published.again(1.0) == []
    assert published.again(CONFIRMED) == [(REVENUE, WINDOW)]
    assert [each.holds for each in published.news(REVENUE, WINDOW, wrong, now=CONFIRMED)] == [False]
    assert len(published.broken) == 1


def test_a_difference_that_passes_is_never_said() -> None:
    published = Published()
    published.news(REVENUE, WINDOW, {("EUR", ""): (1, 2)}, now=0.0)

    assert [each.holds for each in published.news(REVENUE, WINDOW, {("EUR", ""): (2, 2)}, now=0.5)] == [True]
    assert published.again(10.0) == []
    assert published.broken == []


def test_nothing_is_said_twice() -> None:
    published, right = Published(), {("EUR", ""): (2, 2)}

    assert len(published.news(REVENUE, WINDOW, right, now=0.0)) == 1
    assert published.news(REVENUE, WINDOW, right, now=1.0) == []
    assert len(published.news(REVENUE, WINDOW, {("EUR", ""): (3, 3)}, now=2.0)) == 1


def account(name: str, **numbers: int) -> dict[str, object]:
    return {"topic": name, "counted": 0, "duplicates": 0, "late": 0, "dead": 0} | numbers


def minute(start: datetime, events: int) -> dict[str, object]:
    return {"window_start": start, "action": "page_view", "source": "website", "events": events}


def begun() -> Accounts:
    """Return accounts whose first quiet moment is over."""
    accounts = Accounts(frozenset({"clickstream", "checkouts"}), "inventory-updates")
    accounts.put(ACCOUNTS, account("clickstream", counted=100, late=7, dead=3), 0.0)
    accounts.put(COUNTS, minute(NOON, 40), 0.0)
    assert accounts.is_due(QUIET)
    assert accounts.compare(NOON, QUIET) == []
    assert not accounts.is_due(2 * QUIET)
    return accounts


def test_growth_is_compared_since_what_was_before_is_not_known() -> None:
    accounts = begun()
    accounts.put(ACCOUNTS, account("clickstream", counted=150, late=9, dead=3), 10.0)
    accounts.put(COUNTS, minute(NOON + timedelta(minutes=1), 50), 10.0)
    accounts.put(LATE, {"topic": "clickstream"}, 10.1)
    accounts.put(LATE, {"topic": "clickstream"}, 10.2)
    accounts.prune(NOON + timedelta(minutes=1))

    assert not accounts.is_due(10.3 + QUIET / 2)
    compared = {identity: numbers for identity, _, numbers in accounts.compare(NOON, 10.3 + QUIET)}
    assert compared[COUNTED_EVENTS] == {("", ""): (50, 50)}
    assert compared[LATE_EVENTS]["", "clickstream"] == (2, 2)
    assert compared[DEAD_LETTERS]["", "clickstream"] == (0, 0)


def test_a_difference_of_sums_is_said_once_when_it_lasts() -> None:
    accounts = begun()
    accounts.put(DEAD, {"topic": "clickstream"}, 10.0)

    assert accounts.compare(NOON, 10.0 + QUIET) == []
    assert accounts.is_due(10.0 + 2 * QUIET)
    compared = {identity: numbers for identity, _, numbers in accounts.compare(NOON, 10.0 + 2 * QUIET)}
    assert compared[DEAD_LETTERS]["", "clickstream"] == (0, 1)
    # It begins anew.
    assert accounts.compare(NOON, 10.0 + 3 * QUIET) == []
    accounts.put(DEAD, {"topic": "clickstream"}, 40.0)
    accounts.put(ACCOUNTS, account("clickstream", counted=100, late=7, dead=4), 40.0)
    after = {identity: numbers for identity, _, numbers in accounts.compare(NOON, 40.0 + QUIET)}
    assert after[DEAD_LETTERS]["", "clickstream"] == (1, 1)
