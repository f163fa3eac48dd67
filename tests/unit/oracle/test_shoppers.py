from datetime import UTC, datetime, timedelta
from decimal import Decimal

from support.computed import computed
from support.events import NOON, at, checkout, click, product, user
from support.oracle import Row

AN_INSTANT = timedelta(milliseconds=1)


def test_half_an_hour_is_the_same_visit_and_more_is_another() -> None:
    rows = [click("a", at(0)), checkout("b", at(30), "failed"), click("c", at(60) + AN_INSTANT)]

    visits = computed("sessions", *rows)

    assert [(row["session_start"], row["session_end"], row["actions"]) for row in visits] == [
        (NOON, at(30), 2),
        (at(60) + AN_INSTANT, at(60) + AN_INSTANT, 1),
    ]


def test_an_event_read_later_joins_two_visits() -> None:
    visits = computed("sessions", click("a", at(0)), click("b", at(50)), click("between", at(25)))

    assert [row["actions"] for row in visits] == [3]


def test_a_visit_is_final_when_half_an_hour_has_passed() -> None:
    assert computed("sessions", click("a", at(0)), until=at(30) - AN_INSTANT) == []
    assert len(computed("sessions", click("a", at(0)), until=at(30))) == 1


def test_a_visit_counts_products_and_money() -> None:
    rows = [
        click("a", at(0)),
        click("b", at(1)),
        click("c", at(1), product_id=None),
        click("d", at(2), "product_click", product_id="pot"),
        click("e", at(3), "add_to_cart"),
        click("f", at(3), "add_to_cart", product_id="pot"),
        checkout("g", at(4), "failed"),
        checkout("h", at(5), unit_price=Decimal("9.99"), quantity=3, discount_rate=Decimal("0.3333")),
    ]

    (visit,) = computed("sessions", *rows)

    assert visit == {
        "user_id": "ann",
        "session_start": NOON,
        "session_end": at(5),
        "actions": 8,
        "products_viewed": 1,
        "products_carted": 2,
        "products_bought": 1,
        "revenue": [{"currency": "EUR", "amount": Decimal("19.980999")}],
        "abandoned_cart": False,
    }


def test_a_cart_is_abandoned_when_something_stays_in_it_and_nothing_is_bought() -> None:
    put, take = click("a", at(1), "add_to_cart"), click("b", at(2), "remove_from_cart")
    failed = checkout("c", at(3), "failed")

    def abandoned(*rows: Row) -> bool:
        return bool(computed("sessions", *rows)[0]["abandoned_cart"])

    assert abandoned(put, failed)
    assert not abandoned(put, take)
    assert not abandoned(take, put), "order is event time, not arrival"
    assert abandoned(take, put | {"event_time": at(2)}), "at the same moment the later one read counts"
    assert abandoned(put, take | {"product_id": "pot"})
    assert not abandoned(put, checkout("d", at(3)))


def test_an_abandoned_cart_names_what_is_left_and_what_its_payments_would_have_earned() -> None:
    rows = [
        click("a", at(0), "add_to_cart", product_id="pot"),
        click("b", at(1), "add_to_cart", product_id="pan"),
        click("c", at(1), "add_to_cart", product_id="jar"),
        click("d", at(2), "add_to_cart", product_id="hat"),
        click("e", at(3), "remove_from_cart", product_id="hat"),
        checkout("f", at(4), "failed", product_id="pot", unit_price=Decimal(1)),
        checkout("g", at(5), "failed", product_id="pot", unit_price=Decimal(2)),
        checkout("h", at(5), "failed", product_id="hat", unit_price=Decimal(8)),
    ]

    assert computed("abandoned_carts", *rows) == [
        {
            "user_id": "ann",
            "session_start": NOON,
            "session_end": at(5),
            "products_in_cart": 3,
            "product_ids": ["jar", "pan", "pot"],
            "value": [{"currency": "EUR", "amount": Decimal(2)}],
        }
    ]
    assert computed("abandoned_carts", *rows, checkout("i", at(6))) == []
    assert computed("abandoned_carts", *rows, until=at(35) - AN_INSTANT) == []


def test_credit_goes_to_the_earliest_click_of_the_hour_both_ends_included() -> None:
    paid = checkout("a", at(60))
    too_early, edge = click("too early", at(0) - AN_INSTANT), click("edge", at(0), channel="email")
    rows = [click("later", at(5), "product_click"), edge, too_early, click("cart", at(0), "add_to_cart")]

    def cause(*clicks: Row) -> object:
        return computed("attributed_checkouts", *clicks, paid)[0]["click_id"]

    assert cause(*rows) == "edge"
    assert cause(too_early) is None
    assert cause(click("at the same moment", at(60))) == "at the same moment"
    assert cause(click("after", at(60) + AN_INSTANT)) is None
    assert cause(click("b", at(1)), click("a", at(1))) == "a"
    assert cause(click("other product", at(1), product_id="pot")) is None
    assert cause(click("other user", at(1), user_id="bob")) is None


def test_channel_is_that_of_the_first_click_on_anything() -> None:
    on_it, on_other = click("b", at(2), channel="email"), click("a", at(1), product_id="pot", channel="social")
    on_none = click("c", at(0), "product_click", product_id=None, channel=None)

    def credited(*clicks: Row) -> tuple[object, object]:
        (row,) = computed("attributed_checkouts", *clicks, checkout("x", at(3)))
        return row["click_id"], row["channel"]

    assert credited(on_it, on_other) == ("b", "social")
    assert credited(on_it, on_other, on_none) == ("b", None)
    assert credited() == (None, None)


def test_every_checkout_that_is_final_has_one_row_with_its_money() -> None:
    dimensions = [product(commission_rate=Decimal("0.1235")), user(), user(at(1), name="Anna")]
    rows = [
        checkout("paid", at(0), unit_price=Decimal("1.00"), discount_rate=Decimal("0.9000"), shipping_cost=Decimal(0)),
        checkout("failed", at(1), "failed"),
        checkout("no price", at(2), unit_price=None, user_id="nobody"),
        checkout("open", at(3)),
    ]

    found = computed("attributed_checkouts", *dimensions, *rows, until=at(2))

    names = ("checkout_id", "user_name", "revenue", "profit")
    # Nothing is rounded: 0.1 x 0.1235 is 0.01235.
    assert [[row[name] for name in names] for row in found] == [
        ["paid", "Ann", Decimal("0.100000"), Decimal("0.01235")],
        ["failed", "Anna", 0, 0],
        ["no price", "Unknown", 0, Decimal("-1.0000")],
    ]


def test_channels_share_what_was_earned() -> None:
    rows = [
        product(),
        click("a", at(0), channel="email"),
        checkout("b", at(0, seconds=1)),
        checkout("c", at(0, seconds=2), "failed"),
        checkout("d", at(0, seconds=3), user_id="bob"),
    ]

    minutes = {row["channel"]: row for row in computed("channel_revenue", *rows)}

    names = ("checkouts", "purchases", "revenue", "profit")
    assert [minutes["email"][name] for name in names] == [2, 1, 10, 0]
    assert [minutes["Unknown"][name] for name in names] == [1, 1, 10, 0]


def test_views_of_one_visit_are_related_both_ways() -> None:
    rows = [click("a", at(0)), click("b", at(30), product_id="pot"), click("c", at(61), product_id="cup")]

    found = {row["product_id"]: row for row in computed("related-products", *rows)}

    assert found.keys() == {"pan", "pot"}
    assert found["pan"]["related"] == [{"product_id": "pot", "score": 1.0, "support": 1, "rank": 1}]
    assert found["pan"]["as_of"] == at(30, seconds=5)


def test_co_views_of_any_time_are_ranked_by_number_and_age_and_forgotten() -> None:
    def visit(name: str, other: str, day: datetime) -> list[Row]:
        views = [click(f"{name}-1", at(0), user_id=name), click(f"{name}-2", at(0), user_id=name, product_id=other)]
        return [view | {"event_time": day} for view in views]

    sunday = datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    rows = [
        *visit("ann", "pen", sunday - timedelta(days=28, seconds=5)),
        *visit("ben", "pot", sunday - timedelta(days=7)),
        *visit("cem", "pot", sunday - timedelta(days=7)),
        *visit("dee", "pot", sunday),
        *visit("eve", "cup", sunday),
    ]

    found = {row["product_id"]: row for row in computed("related-products", *rows)}

    assert [(item["product_id"], item["score"], item["support"]) for item in found["pan"]["related"]] == [
        ("pot", 2.0, 3),
        ("cup", 1.0, 1),
    ]
    assert found["pan"]["as_of"] == sunday + timedelta(seconds=5)
