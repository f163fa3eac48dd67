from collections import Counter
from decimal import Decimal

from checks.prove.money import earned, refunded, wrong_credits, wrong_nets, wrong_refunds
from support.amounts import CURRENCIES, extremes
from support.computed import computed
from support.events import at, category, checkout, click, product, refund
from support.oracle import Row


def booked(**columns: object) -> Row:
    return {"window_start": at(0), "currency": "EUR", "refunds": Decimal(0), "net_revenue": Decimal(0)} | columns


def test_what_was_earned_is_told_by_currency_and_only_of_what_was_paid_in_time() -> None:
    rows = [
        checkout("a", at(0)),
        checkout("b", at(1), currency="SEK", unit_price=Decimal("0.01"), discount_rate=Decimal("0.5")),
        checkout("c", at(1), "failed"),
        checkout("d", at(2)),
    ]

    assert earned(rows, at(1)) == {"EUR": 10, "SEK": Decimal("0.005")}


def test_credits_of_one_currency_do_not_make_up_for_another() -> None:
    credited = [{"currency": "EUR", "revenue": Decimal(9)}, {"currency": "SEK", "revenue": Decimal(11)}]

    assert wrong_credits({"EUR": Decimal(9), "SEK": Decimal(11)}, credited) == []
    assert wrong_credits({"EUR": Decimal(10), "SEK": Decimal(10)}, credited) == ["9 of 10 EUR", "11 of 10 SEK"]
    assert wrong_credits({"EUR": Decimal(9)}, credited) == ["11 of 0 SEK"]
    assert wrong_credits({"EUR": Decimal("9.000001"), "SEK": Decimal(11)}, credited) == ["9 of 9.000001 EUR"]


def test_refunds_of_nothing_and_of_open_minutes_prove_nothing() -> None:
    rows = [refund("a", at(0)), refund("b", at(0), "0.00", currency="SEK"), refund("c", at(1), currency="SEK")]

    counts = refunded(rows, at(1))

    assert counts == {"EUR": 1}
    stream = [booked(refunds=Decimal(10))]
    assert wrong_refunds(counts, ("EUR",), stream) == []
    assert wrong_refunds(counts, CURRENCIES, stream) == ["none in SEK"]
    assert wrong_refunds(counts, ("EUR",), [booked()]) == ["none in EUR"]
    assert wrong_refunds(Counter({"EUR": 1, "SEK": 1}), CURRENCIES, stream) == ["none in SEK"]


def test_categories_add_up_to_the_shop_in_each_minute_and_currency() -> None:
    shop = [
        booked(net_revenue=Decimal("-1.5")),
        booked(currency="SEK", net_revenue=Decimal(7)),
        booked(window_start=at(1)),
    ]
    kitchen, toys = booked(net_revenue=Decimal("-2.0")), booked(net_revenue=Decimal("0.5"))
    others = [booked(currency="SEK", net_revenue=Decimal(7)), booked(window_start=at(1))]

    assert wrong_nets(shop, [kitchen, toys, *others]) == []
    assert wrong_nets(shop, [kitchen, *others]) == ["-2.0 of -1.5 EUR at 12:00"]
    assert wrong_nets(shop, [kitchen, toys, others[0]]) == ["nothing of 0 EUR at 12:01"]
    assert wrong_nets(shop[:1], [kitchen, toys, others[0]]) == ["7 of nothing SEK at 12:00"]


def test_the_ends_of_what_can_be_written_are_in_both_currencies_of_one_visit() -> None:
    checkouts, refunds = extremes("rich", at(0), "pan")

    (visit,) = computed("sessions", click("a", at(0), user_id="rich"), *checkouts)
    minutes = computed("revenue_per_minute", product(), category(), *checkouts, *refunds)

    assert [each["currency"] for each in visit["revenue"]] == list(CURRENCIES)
    # 11 x 100,000,000,000 + 2147483647 x 9999999999.99 + 0.000001, and 3 x 2147483647 x 9999999999.99 x 0.9999 + 0.000001.
    assert [each["amount"] for each in visit["revenue"]] == [
        Decimal("21474837569978525163.530001"),
        Decimal("64418066958994581933.040942"),
    ]
    assert {row["currency"]: row["refunds"] for row in minutes} == {
        "EUR": Decimal("10000000000.00"),
        "SEK": Decimal("29999999999.97"),
    }
