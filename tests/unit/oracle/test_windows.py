from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from support.computed import computed
from support.events import NOON, at, category, checkout, click, inventory_update, product, user


def test_a_minute_ends_before_its_end_and_is_expected_when_time_has_come_to_it() -> None:
    rows = [click("a", at(0)), click("b", at(1) - timedelta(milliseconds=1)), click("c", at(1))]

    counts = computed("event_counts", *rows, until=at(1))

    assert counts == [
        {
            "window_start": NOON,
            "window_end": at(1),
            "action": "product_view",
            "source": "website",
            "events": 2,
        }
    ]


def test_metrics_are_the_long_form_of_counts_revenue_and_visitors() -> None:
    rows = [
        category(),
        click("a", at(0)),
        checkout("b", at(0), unit_price=Decimal("1.01"), discount_rate=Decimal("0.5")),
    ]

    metrics = {row["metric_name"]: row["metric_value"] for row in computed("ecommerce_metrics", *rows)}

    assert metrics == {
        "product_view_website": 1,
        "purchase_website": 1,
        "revenue_Kitchen": Decimal("0.505"),
        "unique_visitors": 1,
    }


def test_a_user_is_active_for_five_minutes_and_counts_once_however_often() -> None:
    rows = [click("a", at(0)), checkout("b", at(3)), click("c", at(3), user_id="bob"), click("d", at(20))]

    windows = computed("active_visitors", *rows, until=at(8))

    assert [row["window_end"] for row in windows] == [at(minute) for minute in range(1, 9)]
    assert all(row["window_end"] - row["window_start"] == timedelta(minutes=5) for row in windows)
    assert [row["visitors"] for row in windows] == [1, 1, 1, 2, 2, 2, 2, 2]


def test_of_a_second_of_stock_the_last_update_counts_if_it_changed_something() -> None:
    a_second = timedelta(seconds=1)
    rows = [
        product(reorder_threshold=5),
        inventory_update("a", at(0), 9),
        inventory_update("b", at(0) + a_second / 2, 4),
        inventory_update("c", at(0) + a_second / 2, 3),
        inventory_update("same", at(1), 3),
        inventory_update("open", at(2), 0),
    ]

    (level,) = computed("stock_levels", *rows, until=at(2) + a_second / 2)

    assert (level["quantity"], level["level"], level["event_time"]) == (3, "low", at(0) + a_second / 2)
    (level,) = computed("stock_levels", *rows, until=at(2) + a_second)
    assert (level["quantity"], level["level"], level["event_time"]) == (0, "out", at(2))


def test_visitors_of_a_day_add_up_by_slots_of_the_shops_own_day() -> None:
    # Kathmandu is 5:45 ahead: its days begin at 18:15 UTC, and slots begin five minutes past whole tens.
    midnight = at(6 * 60 + 15)
    rows = [
        click("yesterday", midnight - timedelta(milliseconds=1)),
        click("a", midnight),
        checkout("b", midnight + timedelta(minutes=9), user_id="bob"),
        click("a again", midnight + timedelta(minutes=25)),
        click("c", midnight + timedelta(minutes=29), user_id="cem"),
        click("open", midnight + timedelta(minutes=30), user_id="dan"),
    ]

    slots = computed("cumulative_visitors", *rows, zone="Asia/Kathmandu", until=midnight + timedelta(minutes=39))

    assert [(row["window_start"] - midnight, row["date"].day, row["visitors"]) for row in slots] == [
        (timedelta(minutes=-10), 2, 1),
        (timedelta(0), 3, 2),
        (timedelta(minutes=20), 3, 3),
    ]
    assert slots[1]["window_end"] - slots[1]["window_start"] == timedelta(minutes=10)


def test_trading_hours_are_the_shops_own() -> None:
    hours = computed("trading_volume", checkout("a", at(29)), checkout("b", at(30)), zone="Asia/Kolkata")

    assert [(row["date"], row["hour"], row["purchases"]) for row in hours] == [
        (date(2026, 3, 2), 17, 1),
        (date(2026, 3, 2), 18, 1),
    ]


@pytest.mark.parametrize(
    ("zone", "moment", "start", "end", "hour"),
    [
        ("America/Caracas", "2016-04-30 12:30", "12:30", "13:30", 8),  # 4:30 behind
        ("America/Caracas", "2016-05-01 06:59:59.999", "06:30", "07:00", 2),  # until clocks go from 2:30 to 3:00
        ("America/Caracas", "2016-05-01 07:00", "07:00", "08:00", 3),  # 4:00 behind
        ("America/Caracas", "2007-12-09 06:59", "06:00", "07:00", 2),  # until clocks go from 3:00 to 2:30
        ("America/Caracas", "2007-12-09 07:00", "07:00", "07:30", 2),
        ("Australia/Lord_Howe", "2026-04-04 15:00", "15:00", "15:30", 1),  # clocks have gone from 2:00 to 1:30
        ("Australia/Lord_Howe", "2026-10-03 15:30", "15:30", "16:00", 2),  # clocks have gone from 2:00 to 2:30
        ("Asia/Kathmandu", "2026-03-02 12:00", "11:15", "12:15", 17),
    ],
)
def test_an_hour_is_what_the_clock_goes_through_at_one_go(
    zone: str, moment: str, start: str, end: str, hour: int
) -> None:
    when = datetime.fromisoformat(moment + "+00:00")

    (row,) = computed("trading_volume", checkout("a", when), zone=zone)

    assert (f"{row['window_start']:%H:%M}", f"{row['window_end']:%H:%M}", row["hour"]) == (start, end, hour)


def test_a_day_that_clocks_begin_twice_counts_its_visitors_once() -> None:
    # In St. John's, 7 November 2010 lasted a minute before it was 6 November again, until 3:30 UTC.
    moments = ["02:00", "02:30:30", "02:31", "03:30"]
    rows = [click(text, datetime.fromisoformat(f"2010-11-07 {text}+00:00"), user_id="ann") for text in moments]

    slots = computed("cumulative_visitors", *rows, zone="America/St_Johns")

    assert [(f"{row['window_end']:%H:%M}", row["date"].day, row["visitors"]) for row in slots] == [
        ("02:10", 6, 1),
        ("02:31", 7, 1),
        ("02:40", 6, 1),
        ("03:40", 7, 1),
    ]


def test_an_event_counts_in_twelve_hours_and_ties_go_by_product() -> None:
    rows = [
        checkout("a", at(2), product_id="pot", quantity=2),
        checkout("b", at(3), quantity=1),
        checkout("c", at(4), quantity=1),
        checkout("failed", at(4), "failed", product_id="cup", quantity=9),
        checkout("next", at(60), product_id="cup", quantity=5),
    ]

    hours = computed("top_products", *rows)

    starts = sorted({row["window_start"] for row in hours})
    assert (len(starts), starts[0], starts[-1]) == (24, at(-55), at(60))
    at_noon = [(row["rank"], row["product_id"], row["units"]) for row in hours if row["window_start"] == NOON]
    assert at_noon == [(1, "pan", 2), (2, "pot", 2)]
    at_five_past = [(row["rank"], row["product_id"]) for row in hours if row["window_start"] == at(5)]
    assert at_five_past == [(1, "cup")]


def test_only_the_ten_most_viewed_are_listed_and_views_without_product_are_not() -> None:
    rows = [click(f"{number}", at(0), product_id=f"p{number:02}") for number in range(12)]

    hours = computed("most_viewed_products", *rows, click("none", at(0), product_id=None), until=at(5))

    assert [row["product_id"] for row in hours] == [f"p{number:02}" for number in range(10)]


def test_conversion_counts_distinct_users_by_category_and_in_all() -> None:
    rows = [
        category(),
        click("a", at(0)),
        click("a again", at(1)),
        click("b", at(1), user_id="bob", category_id=None, product_id="no-such"),
        click("cart", at(2), "add_to_cart"),
        click("page", at(2), "page_view", user_id="dan"),
        checkout("paid", at(3), user_id="cem", category_id="c-none"),
        checkout("failed", at(3), "failed", user_id="eva"),
    ]

    hours = computed("conversion_rates", *rows)

    names = ("category", "viewers", "carters", "buyers", "cart_rate", "purchase_rate")
    assert sorted([*map(row.get, names)] for row in hours if row["window_start"] == NOON) == [
        ["", 2, 1, 1, 0.5, 0.5],
        ["Kitchen", 1, 1, 0, 1.0, 0.0],
        ["Unknown", 1, 0, 1, 0.0, 1.0],
    ]


def test_rates_are_absent_without_viewers() -> None:
    hours = computed("conversion_rates", checkout("a", at(0)), until=at(5))

    assert {(row["category"], row["cart_rate"], row["purchase_rate"]) for row in hours} == {
        ("", None, None),
        ("Unknown", None, None),
    }


def test_buyers_go_by_the_gender_of_their_time() -> None:
    rows = [
        user(),
        user(at(0, seconds=30), gender="other"),
        checkout("a", at(0)),
        checkout("b", at(0, seconds=1), quantity=2),
        checkout("c", at(0, seconds=30)),
        checkout("d", at(0), user_id="nobody"),
        checkout("e", at(0), "failed"),
    ]

    minutes = computed("buyers_by_gender", *rows)

    assert sorted((row["gender"], row["buyers"], row["revenue"]) for row in minutes) == [
        ("Unknown", 1, 10),
        ("female", 1, 30),
        ("other", 1, 10),
    ]


def test_failures_without_a_reason_are_unknown() -> None:
    rows = [checkout("a", at(0), "failed"), checkout("b", at(0), "failed", payment_failure_reason="declined")]

    minutes = computed("payment_failures", *rows, checkout("c", at(0)))

    assert {row["reason"]: row["failures"] for row in minutes} == {"Unknown": 1, "declined": 1}


def test_categories_add_up_what_was_paid_so_far() -> None:
    rows = [
        category(),
        checkout("a", at(0)),
        checkout("b", at(3)),
        checkout("c", at(0), "failed"),
        checkout("open", at(5, seconds=2)),
    ]

    assert computed("top_categories", *rows, until=at(5, seconds=1)) == [{"category": "Kitchen", "purchases": 2}]
