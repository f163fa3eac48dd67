"""Currencies and refunds, worked out by hand to the last place."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from support.computed import computed
from support.events import NOON, at, category, checkout, click, product, refund, user
from support.oracle import STREAMS, Message, Oracle, Row
from support.oracle.accounting import still_open
from support.oracle.facts import CHECKOUT_DEDUP_WINDOW, IDENTITIES, judge

AN_INSTANT = timedelta(milliseconds=1)
WITH_REFUNDS = {"revenue_per_minute", "revenue_by_category", "event_counts", "ecommerce_metrics", "event_accounting"}
"""Streams that a refund says anything to."""


def picked(rows: list[Row], *names: str) -> list[tuple[object, ...]]:
    return sorted(tuple(row[name] for name in names) for row in rows)


def test_a_minute_of_two_currencies_is_two_rows_of_exact_sums() -> None:
    euros: dict[str, Any] = {
        "unit_price": Decimal("19.99"),
        "quantity": 3,
        "discount_rate": Decimal("0.1500"),
        "order_id": "o",
    }
    rows = [
        product(commission_rate=Decimal("0.1235")),
        checkout("a", at(0), **euros, shipping_cost=Decimal("4.50")),
        checkout("b", at(0), order_id="o", unit_price=Decimal("0.01"), shipping_cost=Decimal(0)),
        checkout("c", at(0), currency="SEK", unit_price=Decimal("199.00"), quantity=2, shipping_cost=Decimal("59.00")),
        checkout("d", at(0), "failed", currency="SEK"),
        refund("e", at(0), "12.34", quantity=2),
        refund("f", at(0), "400.00", currency="SEK"),
        refund("g", at(0), "0.01", currency="SEK"),
    ]

    euro, krona = sorted(computed("revenue_per_minute", *rows), key=lambda row: str(row["currency"]))

    # 3 x 19.99 = 59.97, of which 15 % is 8.9955; with the cent of b 59.98 gross, 50.9845 revenue.
    # Profit: 50.9745 x 0.1235 - 4.50 + 0.01 x 0.1235.
    assert euro == {
        "window_start": NOON,
        "window_end": at(1),
        "currency": "EUR",
        "gross": Decimal("59.98"),
        "discount": Decimal("8.9955"),
        "shipping": Decimal("4.50"),
        "revenue": Decimal("50.9845"),
        "refunds": Decimal("12.34"),
        "net_revenue": Decimal("38.6445"),
        "profit": Decimal("1.79658575"),
        "orders": 1,
        "units": 4,
        "failed_payments": 0,
    }
    # More has gone back than has come in: 398.00 - 400.01.
    assert krona == {
        "window_start": NOON,
        "window_end": at(1),
        "currency": "SEK",
        "gross": Decimal("398.00"),
        "discount": 0,
        "shipping": Decimal("59.00"),
        "revenue": Decimal("398.00"),
        "refunds": Decimal("400.01"),
        "net_revenue": Decimal("-2.01"),
        "profit": Decimal("-9.847"),
        "orders": 1,
        "units": 2,
        "failed_payments": 1,
    }


def test_a_refund_is_booked_in_its_own_minute_as_its_product_is_then() -> None:
    dimensions = [
        category(),
        category(category_id="c-pots", parent_category_name="Pots"),
        product(),
        product(at(30), category_id="c-pots"),
    ]
    unsaid: dict[str, Any] = {"category_id": None}
    rows = [
        checkout("paid", at(0), **unsaid),
        refund("before", at(30) - AN_INSTANT, "1.00", **unsaid),
        refund("after", at(30), "2.00", **unsaid),
        refund("said", at(30), "3.00"),
        refund("of nothing known", at(30), "4.00", **unsaid, product_id="pot"),
    ]

    found = computed("revenue_by_category", *dimensions, *rows)

    assert picked(found, "window_start", "category", "revenue", "refunds", "net_revenue") == [
        (NOON, "Kitchen", 10, 0, 10),
        (at(29), "Kitchen", 0, 1, -1),
        (at(30), "Kitchen", 0, 3, -3),
        (at(30), "Pots", 0, 2, -2),
        (at(30), "Unknown", 0, 4, -4),
    ]


def test_a_minute_of_refunds_alone_has_a_row_with_nothing_else_in_it() -> None:
    (row,) = computed("revenue_per_minute", refund("a", at(1) - AN_INSTANT, "7.50"), until=at(1))

    assert row["window_start"] == NOON
    assert (row["refunds"], row["net_revenue"]) == (Decimal("7.50"), Decimal("-7.50"))
    others = ("gross", "discount", "shipping", "revenue", "profit", "orders", "units", "failed_payments")
    assert [row[name] for name in others] == [0] * len(others)


def test_a_refund_of_nothing_is_a_refund() -> None:
    rows = [refund("a", at(0), "0.00")]

    assert picked(computed("revenue_per_minute", *rows), "currency", "refunds") == [("EUR", 0)]
    assert picked(computed("event_counts", *rows), "action", "events") == [("refund", 1)]


@pytest.mark.parametrize("name", STREAMS)
def test_a_refund_is_nothing_that_a_shopper_does_and_no_purchase(name: str) -> None:
    shop = [
        product(),
        user(),
        category(),
        click("a", at(0)),
        click("b", at(0), product_id="pot"),
        click("c", at(0), "add_to_cart"),
        checkout("d", at(1)),
        checkout("e", at(1), "failed"),
    ]
    # In between, half an hour later and by somebody whom nobody has seen.
    refunds = [refund("x", at(1)), refund("y", at(31), "3.00"), refund("z", at(50), user_id="zoe")]

    without, with_ = computed(name, *shop), computed(name, *shop, *refunds)

    assert (with_ != without) == (name in WITH_REFUNDS)


def test_refunds_are_counted_by_source() -> None:
    rows = [refund("a", at(0)), refund("b", at(0)), refund("c", at(0), source="mobile_app"), refund("d", at(1))]

    counts = computed("event_counts", *rows)

    assert picked(counts, "window_start", "action", "source", "events") == [
        (NOON, "refund", "mobile_app", 1),
        (NOON, "refund", "website", 2),
        (at(1), "refund", "website", 1),
    ]


def test_a_repeated_refund_is_a_copy_for_a_day_whatever_it_says_of_its_amount() -> None:
    first, dearer = refund("a", at(0)), refund("a", at(1), "99.00")
    edge = refund("a", NOON + CHECKOUT_DEDUP_WINDOW)
    beyond, of_another = refund("a", NOON + CHECKOUT_DEDUP_WINDOW + AN_INSTANT), refund("a", at(0), user_id="bob")

    counted, copies = judge([first, dearer, edge, beyond, of_another], IDENTITIES["refunds"])

    assert (counted, copies) == ([first, beyond, of_another], [dearer, edge])


def test_a_late_refund_leaves_its_copy_to_count() -> None:
    rows = [refund("a", at(0)), refund("a", at(0))]

    assert picked(computed("revenue_per_minute", *rows, late=(0,)), "refunds") == [(10,)]
    assert computed("revenue_per_minute", *rows, late=(0, 1)) == []


def test_every_refund_is_in_one_column_of_the_accounts_or_still_open() -> None:
    rows = [
        *(refund("a", at(0)) for _ in range(3)),
        refund("late", at(0)),
        refund("b", at(1)),
        refund("open", at(9)),
    ]
    messages = [Message("refunds", 0, offset, row) for offset, row in enumerate(rows)]

    oracle = Oracle(messages, {("refunds", 0, 3)}, at(5), dead={("refunds", 1, 0)})

    assert oracle.outputs()["event_accounting"]() == [
        {"topic": "refunds", "counted": 2, "duplicates": 2, "late": 1, "dead": 1},
    ]
    assert still_open(oracle.facts, "refunds") == 1


def test_metrics_of_money_say_their_currency_and_others_none() -> None:
    rows = [
        category(),
        checkout("a", at(0)),
        checkout("b", at(0), currency="SEK", unit_price=Decimal("99.00")),
        refund("c", at(0), "2.50", currency="NOK"),
    ]

    metrics = computed("ecommerce_metrics", *rows)

    # Before refunds, as its name says; a minute with refunds only has a row all the same.
    assert picked(metrics, "metric_name", "currency", "metric_value") == [
        ("purchase_website", "", 2),
        ("refund_website", "", 1),
        ("revenue_Kitchen", "EUR", 10),
        ("revenue_Kitchen", "NOK", 0),
        ("revenue_Kitchen", "SEK", 99),
        ("unique_visitors", "", 1),
    ]


def test_a_visit_has_an_amount_for_each_currency_in_the_order_of_their_codes() -> None:
    rows = [
        checkout("a", at(0), currency="SEK", unit_price=Decimal("100.00")),
        checkout("b", at(1), unit_price=Decimal("0.01"), discount_rate=Decimal("0.3333")),
        checkout("c", at(2), currency="SEK", unit_price=Decimal("0.50")),
        checkout("d", at(3), currency="USD", unit_price=None),
        checkout("e", at(4), "failed", currency="CHF"),
        refund("f", at(5), "5.00"),
    ]

    (visit,) = computed("sessions", *rows)

    assert visit["revenue"] == [
        {"currency": "EUR", "amount": Decimal("0.006667")},
        {"currency": "SEK", "amount": Decimal("100.50")},
        {"currency": "USD", "amount": 0},
    ]
    assert (visit["actions"], visit["session_end"]) == (5, at(4))
    assert computed("sessions", click("none", at(0)))[0]["revenue"] == []


def test_who_pays_in_two_currencies_is_a_buyer_in_each() -> None:
    rows = [
        user(),
        checkout("a", at(0)),
        checkout("b", at(0), quantity=2),
        checkout("c", at(0), currency="SEK"),
        checkout("d", at(0), user_id="nobody", currency="SEK"),
    ]

    found = computed("buyers_by_gender", *rows)

    assert picked(found, "currency", "gender", "buyers", "revenue") == [
        ("EUR", "female", 1, 30),
        ("SEK", "Unknown", 1, 10),
        ("SEK", "female", 1, 10),
    ]


def test_a_channel_earns_each_currency_apart_and_before_refunds() -> None:
    rows = [
        product(),
        click("a", at(0), channel="email"),
        checkout("b", at(0, seconds=1)),
        checkout("c", at(0, seconds=2), currency="SEK", unit_price=Decimal("50.00")),
        checkout("d", at(0, seconds=3), "failed", currency="SEK"),
        refund("e", at(0, seconds=4), "9.00"),
    ]

    found = computed("channel_revenue", *rows)

    # Ten per cent less one for shipping: 0 and 4.
    assert picked(found, "currency", "channel", "checkouts", "purchases", "revenue", "profit") == [
        ("EUR", "email", 1, 1, 10, 0),
        ("SEK", "email", 2, 1, 50, 4),
    ]
    assert picked(computed("attributed_checkouts", *rows), "checkout_id", "currency") == [
        ("b", "EUR"),
        ("c", "SEK"),
        ("d", "SEK"),
    ]


def test_what_inputs_can_hold_at_most_is_summed_without_loss() -> None:
    most: dict[str, Any] = {
        "quantity": 2**31 - 1,
        "unit_price": Decimal("9999999999.99"),
        "discount_rate": Decimal("0.0001"),
    }
    rows = [
        product(commission_rate=Decimal("0.9999")),
        *(checkout(f"{number}", at(0), **most, shipping_cost=Decimal("0.01")) for number in range(11)),
        *(refund(f"{number}", at(0), "9999999999.99") for number in range(3)),
    ]

    (minute,) = computed("revenue_per_minute", *rows)

    # 2147483647 x 9999999999.99 = 21474836469978525163.53 a line; in units of 0.01, 0.000001 and 0.0000000001:
    line = 2147483647 * 999999999999
    assert line == 2147483646997852516353
    assert minute["gross"] == Decimal(11 * line).scaleb(-2)
    assert minute["revenue"] == Decimal(11 * line * 9999).scaleb(-6)
    assert minute["profit"] == Decimal(11 * (line * 9999 * 9999 - 10**8)).scaleb(-10)
    assert minute["refunds"] == Decimal("29999999999.97")
    assert minute["net_revenue"] == minute["revenue"] - Decimal("29999999999.97")
    assert minute["units"] == 11 * (2**31 - 1)


def test_a_category_called_like_the_shop_collides_with_nothing() -> None:
    rows = [
        category(parent_category_name="shop"),
        category(category_id="c-pots", parent_category_name=""),
        click("a", at(0)),
        click("b", at(0), user_id="bob", category_id="c-pots"),
    ]

    hours = [row for row in computed("conversion_rates", *rows) if row["window_start"] == NOON]

    assert picked(hours, "scope", "category", "viewers") == [
        ("category", "", 1),
        ("category", "shop", 1),
        ("shop", "", 2),
    ]


def test_what_was_shown_is_counted_and_belongs_to_the_visit_but_is_no_view_and_no_click() -> None:
    rows = [
        click("a", at(0), "impression", recommendation_id="r-1", channel="email"),
        click("b", at(1), "impression", product_id="pot"),
        checkout("c", at(2)),
    ]

    (visit,) = computed("sessions", *rows)
    (paid,) = computed("attributed_checkouts", *rows)

    assert picked(computed("event_counts", *rows), "action", "events") == [
        ("impression", 1),
        ("impression", 1),
        ("purchase", 1),
    ]
    assert (visit["actions"], visit["products_viewed"]) == (3, 0)
    assert (paid["click_id"], paid["channel"]) == (None, None)
    assert computed("most_viewed_products", *rows) == computed("related-products", *rows) == []
    shop = [row for row in computed("conversion_rates", *rows) if row["scope"] == "shop"]
    assert {row["viewers"] for row in shop} == {0}
