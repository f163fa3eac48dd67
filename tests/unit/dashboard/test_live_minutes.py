"""Panels of the last hour, from rows worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest
from footfall_dashboard.live.panel import document
from footfall_dashboard.live.rows import (
    ABANDONED,
    CATEGORY_REVENUE,
    CHANNELS,
    EVENTS,
    FAILURES,
    GENDERS,
    REVENUE,
    VISITORS,
)
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range, RangeError

from support.panels import DAY, MOST, at, cells, drawn, minute, money, progress, put

NOW = at("12:00:10")
LONG = "12345678901234567890123456789.123456"


@pytest.fixture
def store() -> Store:
    return Store(MOST)


def test_money_is_exact_text_by_minute_and_currency(store: Store) -> None:
    amounts = {
        "refunds": Decimal("8.5"),
        "net_revenue": Decimal("-8.5"),
        "profit": Decimal("0.0000000001"),
        "orders": 3,
    }
    put(store, REVENUE, minute("11:58") | {"currency": "EUR", "revenue": Decimal(LONG)} | amounts)
    put(store, REVENUE, minute("11:58") | {"currency": "SEK", "revenue": Decimal("0.100000"), "orders": 1})

    panel = document(drawn(store, "money", NOW), 7)

    assert panel["rows"] == [
        ["2026-03-02T11:58:00.000Z", "EUR", LONG, "8.5", "-8.5", "0.0000000001", 3],
        ["2026-03-02T11:58:00.000Z", "SEK", "0.100000", "0", "0", "0", 1],
    ]
    assert (panel["from"], panel["to"]) == ("2026-03-02T10:59:00.000Z", "2026-03-02T11:59:00.000Z")
    assert (panel["as_of"], panel["state"], panel["version"]) == ("2026-03-02T11:59:00.000Z", "live", 7)


def test_sums_of_more_digits_than_any_context_has_are_exact(store: Store) -> None:
    first, second = {"currency": "EUR", "category": "Toys"}, {"currency": "EUR", "category": "Toys"}
    put(store, CATEGORY_REVENUE, minute("11:57") | first | {"revenue": Decimal(LONG)})
    put(store, CATEGORY_REVENUE, minute("11:58") | second | {"revenue": Decimal("0.000001")})

    assert str(drawn(store, "revenue_by_category", NOW).rows[0][2]) == "12345678901234567890123456789.123457"


def test_a_minute_without_a_row_is_0_where_all_is_known_and_absent_elsewhere(store: Store) -> None:
    put(store, EVENTS, minute("11:50") | {"action": "page_view", "source": "website", "events": 1})
    put(store, VISITORS, minute("11:52") | {"visitors": 4}, minute("11:55") | {"visitors": 2})

    # Nobody was there before 11:50, as nothing is known of it; after 11:56 nothing has been said yet.
    visitors = cells(drawn(store, "visitors_per_minute", NOW), 0, 1)
    assert visitors == [
        [at("11:50"), 0],
        [at("11:51"), 0],
        [at("11:52"), 4],
        [at("11:53"), 0],
        [at("11:54"), 0],
        [at("11:55"), 2],
    ]

    # What the job has passed is known to be empty, too; its last minute may be read a moment later than its progress.
    progress(store, at("11:58:30"))
    assert cells(drawn(store, "visitors_per_minute", NOW), 0, 1) == [*visitors, [at("11:56"), 0]]


def test_every_series_has_every_known_minute(store: Store) -> None:
    put(store, EVENTS, minute("11:57") | {"action": "page_view", "source": "website", "events": 5})
    put(store, EVENTS, minute("11:57") | {"action": "page_view", "source": "mobile_app", "events": 2})
    put(store, EVENTS, minute("11:59") | {"action": "purchase", "source": "website", "events": 1})

    by_type = drawn(store, "events_by_type", NOW)
    assert by_type.rows == [
        [at("11:57"), "page_view", 7],
        [at("11:57"), "purchase", 0],
        [at("11:58"), "page_view", 0],
        [at("11:58"), "purchase", 0],
        [at("11:59"), "page_view", 0],
        [at("11:59"), "purchase", 1],
    ]
    assert cells(drawn(store, "events_by_source", NOW), 1, 2) == [
        *(["mobile_app", 2], ["website", 5]),
        *(["mobile_app", 0], ["website", 0]),
        *(["mobile_app", 0], ["website", 1]),
    ]


def test_the_hour_ends_with_the_newest_minute_and_has_sixty(store: Store) -> None:
    for clock in ("10:58", "10:59", "11:58"):
        put(store, FAILURES, minute(clock) | {"reason": f"at {clock}", "failures": 1})
    put(store, EVENTS, minute("11:58") | {"action": "page_view", "source": "website", "events": 1})

    assert drawn(store, "payment_failures", NOW).rows == [["at 10:59", 1], ["at 11:58", 1]]


def test_minutes_are_summed_by_name_the_most_first(store: Store) -> None:
    for clock in ("11:57", "11:58"):
        put(
            store,
            FAILURES,
            minute(clock) | {"reason": "card", "failures": 2},
            minute(clock) | {"reason": "b", "failures": 4},
        )
    put(
        store,
        FAILURES,
        minute("11:58") | {"reason": "a", "failures": 8},
        minute("11:58") | {"reason": "none", "failures": 0},
    )
    put(store, EVENTS, minute("11:58") | {"action": "page_view", "source": "website", "events": 1})

    assert drawn(store, "payment_failures", NOW).rows == [["a", 8], ["b", 8], ["card", 4]]


def test_checkouts_by_channel_count_over_currencies(store: Store) -> None:
    for currency in ("EUR", "SEK"):
        fields = {"currency": currency, "channel": "email", "checkouts": 3, "purchases": 2}
        put(store, CHANNELS, minute("11:58") | fields)
    put(store, EVENTS, minute("11:58") | {"action": "page_view", "source": "website", "events": 1})

    assert drawn(store, "checkouts_by_channel", NOW).rows == [["email", 6, 4]]


def test_buyers_are_told_apart_by_currency(store: Store) -> None:
    for clock, currency, revenue in (("11:57", "EUR", "1.5"), ("11:58", "EUR", "2.5"), ("11:58", "SEK", "9")):
        fields = {"currency": currency, "gender": "female", "buyers": 2, "revenue": Decimal(revenue)}
        put(store, GENDERS, minute(clock) | fields)
    put(store, EVENTS, minute("11:58") | {"action": "page_view", "source": "website", "events": 1})

    assert drawn(store, "buyers_by_gender", NOW).rows == [
        ["female", "EUR", 4, Decimal("4.0")],
        ["female", "SEK", 2, Decimal(9)],
    ]


def test_categories_by_revenue_within_their_currency_and_by_units(store: Store) -> None:
    for category, currency, revenue, units in (("A", "EUR", "5", 1), ("B", "EUR", "7", 2), ("A", "SEK", "90", 3)):
        amounts = dict(
            zip(("revenue", "refunds", "net_revenue"), money(revenue, "1", str(int(revenue) - 1)), strict=True)
        )
        put(
            store,
            CATEGORY_REVENUE,
            minute("11:58") | {"category": category, "currency": currency, "units": units} | amounts,
        )
    put(store, EVENTS, minute("11:58") | {"action": "page_view", "source": "website", "events": 1})

    assert drawn(store, "revenue_by_category", NOW).rows == [
        ["B", "EUR", *money("7", "1", "6")],
        ["A", "EUR", *money("5", "1", "4")],
        ["A", "SEK", *money("90", "1", "89")],
    ]
    assert drawn(store, "popular_categories", NOW).rows == [["A", 4], ["B", 2]]


def test_abandoned_carts_are_of_the_hour_before_the_last_half(store: Store) -> None:
    progress(store, at("12:00"))
    put(store, EVENTS, minute("10:00") | {"action": "page_view", "source": "website", "events": 1})
    for user, end in (("a", "11:20:05"), ("b", "11:20:59"), ("c", "10:29:59")):
        put(store, ABANDONED, {"user_id": user, "session_end": at(end)})

    panel = drawn(store, "abandoned_carts", NOW)

    assert (panel.begin, panel.end) == (at("10:30"), at("11:30"))
    assert [each for each in panel.rows if each[1]] == [[at("11:20"), 2]]


def test_a_session_that_comes_again_counts_once(store: Store) -> None:
    for _ in range(2):
        put(store, ABANDONED, {"user_id": "a", "session_end": at("11:20:05")})

    assert store.sizes()["abandoned_carts"] == 1


def test_a_range_that_was_asked_for_is_drawn(store: Store) -> None:
    put(
        store,
        REVENUE,
        minute("11:00") | {"currency": "EUR", "orders": 1},
        minute("11:30") | {"currency": "EUR", "orders": 2},
    )

    panel = drawn(store, "money", NOW, asked=Range(at("11:30"), at("11:31")))

    assert cells(panel, 0, 6) == [[at("11:30"), 2]]
    assert (panel.begin, panel.end) == (at("11:30"), at("11:31"))
    assert drawn(store, "money", NOW, asked=Range(end=at("11:30"))).begin == at("10:30")


def test_a_range_without_length_is_refused(store: Store) -> None:
    with pytest.raises(RangeError, match="must lie before"):
        drawn(store, "money", NOW, asked=Range(at("11:30"), at("11:30")))


def test_a_shop_that_slept_shows_its_last_hour_with_progress_the_present_one(store: Store) -> None:
    put(store, VISITORS, minute("03:00") | {"visitors": 4})
    assert drawn(store, "visitors_per_minute", NOW).end == at("03:01")

    progress(store, at("11:59:10"))

    panel = drawn(store, "visitors_per_minute", NOW)
    assert panel.end == at("11:59")
    assert (panel.judgement.state, panel.rows) == ("empty", [])
    assert panel.judgement.why == "No visitor in the last hour; the newest was before 2026-03-02 03:01:00 UTC."


def test_final_is_what_the_job_has_passed_by_whole_minutes(store: Store) -> None:
    assert drawn(store, "money", NOW).final_until is None
    progress(store, at("11:59:59.9"))
    assert drawn(store, "money", NOW).final_until == at("11:59")
    progress(store, at("11:30"), job="footfall-stock", completed_at=at("11:59"))
    assert drawn(store, "money", NOW).final_until == at("11:59")
    assert drawn(store, "low_stock", NOW).final_until == at("11:30")


def test_yesterday_is_another_day(store: Store) -> None:
    put(store, VISITORS, minute("11:30", DAY - timedelta(days=1)) | {"visitors": 4}, minute("11:30") | {"visitors": 5})

    assert [each for each in cells(drawn(store, "visitors_per_minute", NOW), 0, 1) if each[1]] == [[at("11:30"), 5]]
