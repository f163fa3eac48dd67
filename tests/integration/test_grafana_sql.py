"""Every panel's SQL in a real Postgres: it finds rows, and in an empty shop nothing instead of zeros."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from footfall_analytics.database import Database

from support.dashboards import POSTGRES, Queries, asked, sql
from support.tabled import CHANNELS, CURRENCIES, Row, bare_postgres, shop_rows

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

NOW = datetime.now(UTC)
BEGIN = NOW - timedelta(hours=1)
TABLES = shop_rows(NOW)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with bare_postgres(TABLES) as database:
        yield database


def ask(database: Database, panel: str, currency: str = "EUR") -> list[tuple[Any, ...]]:
    (found,) = [each for each in asked(POSTGRES) if each.panel == panel]
    return Queries(database).select(sql(found.query, BEGIN, NOW, currency))


def within(table: str, currency: str = "EUR") -> list[Row]:
    return [row for row in TABLES[table] if BEGIN <= row["window_start"] <= NOW and row["currency"] == currency]


def test_the_variable_offers_the_currencies(database: Database) -> None:
    assert Queries(database).currencies(NOW) == list(CURRENCIES)


def test_every_panel_finds_rows(database: Database) -> None:
    assert Queries(database).empty(NOW) == []


def test_no_panel_finds_anything_where_there_is_nothing(database: Database) -> None:
    before = NOW - timedelta(days=3)

    for each in asked(POSTGRES):
        if each.panel != "Low stock":
            rows = Queries(database).select(sql(each.query, before - timedelta(hours=1), before, "EUR"))
            assert [row for row in rows if any(value is not None for value in row)] == [], each


@pytest.mark.parametrize("currency", CURRENCIES)
def test_money_is_the_sum_of_the_hour_in_one_currency_to_the_last_digit(database: Database, currency: str) -> None:
    rows = within("revenue_per_minute", currency)

    assert len(rows) < len([row for row in TABLES["revenue_per_minute"] if row["currency"] == currency])
    for panel, column in (("Net revenue", "net_revenue"), ("Profit", "profit"), ("Orders", "orders")):
        assert ask(database, f"{panel}, $currency", currency) == [(sum(row[column] for row in rows),)]


def test_channels_are_ranked_by_their_checkouts(database: Database) -> None:
    rows = within("channel_revenue")
    sums = {channel: sum(row["checkouts"] for row in rows if row["channel"] == channel) for channel in CHANNELS}

    found = ask(database, "Checkouts by attributed channel, $currency")

    assert found == sorted(sums.items(), key=lambda each: (-each[1], each[0]))


def test_failed_payments_are_a_share_of_checkouts(database: Database) -> None:
    rows = within("channel_revenue")
    bought, tried = (sum(row[name] for row in rows) for name in ("purchases", "checkouts"))

    ((share,),) = ask(database, "Failed payments, $currency")

    assert float(share) == pytest.approx(1 - bought / tried)
