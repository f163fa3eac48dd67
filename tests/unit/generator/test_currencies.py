from collections import defaultdict
from decimal import Decimal
from statistics import median

import pytest
from footfall_generator.events.currencies import EXCHANGE_RATES, MOST, split_codes
from footfall_generator.settings import GeneratorSettings

from .conftest import Simulate

SEVERAL = ("EUR", "SEK", "JPY", "XTS")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "write 1 to 20"),
        (" ", "write 1 to 20"),
        ("eur", "'eur' is not a currency"),
        ("EURO", "'EURO' is not a currency"),
        ("EUR;SEK", "'EUR;SEK' is not a currency"),
        ("ÄÖÜ", "is not a currency"),
        ("EUR,,SEK", "'' is not a currency"),
        ("EUR,SEK,EUR", "EUR is given twice"),
        (",".join(f"A{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(MOST + 1)), "write 1 to 20"),
    ],
)
def test_what_is_no_list_of_currencies_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        split_codes(text)


def test_blanks_around_a_currency_do_not_count() -> None:
    assert split_codes(" EUR, SEK ") == ("EUR", "SEK")


def test_the_settings_read_currencies_and_the_share_of_refunds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENERATOR_CURRENCIES", "SEK,EUR")
    monkeypatch.setenv("GENERATOR_REFUND_SHARE", "0")

    settings = GeneratorSettings()

    assert (settings.currencies, settings.refund_share) == (("SEK", "EUR"), 0.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GENERATOR_CURRENCIES", "EUR,euro"),
        ("GENERATOR_CURRENCIES", ""),
        ("GENERATOR_REFUND_SHARE", "1.01"),
        ("GENERATOR_REFUND_SHARE", "nan"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as end:
        GeneratorSettings.load_or_exit()

    assert end.value.code == 2
    assert name in capsys.readouterr().err


def test_each_user_pays_in_one_currency_and_all_of_them_are_used(simulate: Simulate) -> None:
    _, kept = simulate(events=100_000, refund_share=1.0, currencies=SEVERAL)

    paid_in = defaultdict[str, set[str]](set)
    for row in (*kept.records("checkouts"), *kept.records("refunds")):
        paid_in[row["user_id"]].add(row["currency"])

    assert {len(found) for found in paid_in.values()} == {1}
    counts = [sum(currency in found for found in paid_in.values()) for currency in SEVERAL]
    assert min(counts) > len(paid_in) / len(SEVERAL) / 2


def test_prices_are_about_as_high_in_every_currency(simulate: Simulate) -> None:
    _, kept = simulate(events=100_000, currencies=SEVERAL)
    prices: dict[str, dict[str, set[Decimal]]] = defaultdict(lambda: defaultdict(set))
    for row in kept.records("checkouts"):
        prices[row["currency"]][row["product_id"]].add(row["unit_price"])

    for currency in SEVERAL:
        ratios = []
        for product in prices["EUR"].keys() & prices[currency].keys():
            (euros,), (price,) = prices["EUR"][product], prices[currency][product]
            ratios.append(float(price / euros))
        assert median(ratios) == pytest.approx(EXCHANGE_RATES.get(currency, 1.0), rel=0.01)
    assert all(price == int(price) for found in prices["JPY"].values() for price in found)
    shipping = {(row["currency"], row["shipping_cost"]) for row in kept.records("checkouts")}
    assert {cost for currency, cost in shipping if currency == "SEK"} == {
        Decimal(cost) for cost in ("0.00", "33.49", "55.89", "89.49")
    }


def test_list_prices_are_in_the_first_currency(simulate: Simulate) -> None:
    run, kept = simulate(events=20_000, currencies=("SEK", "EUR"))
    run.publish_dimensions(("products",))

    listed = {row["product_id"]: row["unit_price"] for row in kept.records("products")}
    charged = [row for row in kept.records("checkouts") if row["currency"] == "SEK"]
    assert charged
    assert all(row["unit_price"] == listed[row["product_id"]] for row in charged)
