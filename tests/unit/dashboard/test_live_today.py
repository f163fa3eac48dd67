"""Panels of today and of this moment, from rows worked out by hand: midnights, yesterday, other time zones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from footfall_dashboard.live.panel import Panel
from footfall_dashboard.live.rows import ACTIVE, CONVERSIONS, CUMULATIVE, EVENTS, REVENUE, SHOP, TRADING
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range

from support.panels import DAY, MOST, at, cells, drawn, minute, progress, put, row

NOW = at("12:00:10")
YESTERDAY = DAY - timedelta(days=1)
HOUR, SLOT, FIVE = timedelta(hours=1), timedelta(minutes=10), timedelta(minutes=5)


@pytest.fixture
def store() -> Store:
    return Store(MOST)


def sold(store: Store, clock: str, revenue: str, orders: int, day: datetime = DAY, *, currency: str = "EUR") -> None:
    put(store, REVENUE, minute(clock, day) | {"currency": currency, "revenue": Decimal(revenue), "orders": orders})


def seen(store: Store, clock: str, events: int, day: datetime = DAY, action: str = "page_view") -> None:
    put(store, EVENTS, minute(clock, day) | {"action": action, "source": "website", "events": events})


def number(panel: Panel, name: str, currency: str | None = None) -> list[Any]:
    """Return a number of now and of yesterday."""
    ((_, _, now, _, yesterday),) = [each for each in panel.rows if each[:2] == [name, currency]]
    return [now, yesterday]


def test_today_is_beside_yesterday_up_to_the_same_time(store: Store) -> None:
    seen(store, "23:59", 1, YESTERDAY - timedelta(days=1))
    for clock, revenue in (("00:00", "1"), ("11:58", "2"), ("11:59", "4"), ("12:00", "8"), ("23:59", "16")):
        sold(store, clock, revenue, 1, YESTERDAY)
    for clock, revenue in (("00:00", "100"), ("11:59", "200.50")):
        sold(store, clock, revenue, 2)
    sold(store, "11:00", "9", 1, currency="SEK")

    panel = drawn(store, "now", NOW)

    assert number(panel, "Revenue today", "EUR") == [Decimal("300.50"), Decimal(7)]
    assert number(panel, "Orders today", "EUR") == [4, 3]
    assert number(panel, "Revenue today", "SEK") == [Decimal(9), 0]
    assert {each[0]: each[3] for each in panel.rows if each[1] == "SEK"} == {
        "Revenue today": "money",
        "Orders today": "integer",
    }


def test_yesterday_is_absent_when_it_is_not_all_there(store: Store) -> None:
    sold(store, "00:01", "5", 1, YESTERDAY)
    sold(store, "11:00", "7", 1)

    assert number(drawn(store, "now", NOW), "Revenue today", "EUR") == [Decimal(7), None]


def test_the_day_is_the_shops(store: Store) -> None:
    # Caracas is four hours behind: its 2 March begins at 04:00.
    seen(store, "00:00", 1, YESTERDAY)
    sold(store, "03:59", "1", 1)
    sold(store, "04:00", "2", 1)
    for clock, revenue in (("03:59", "10"), ("04:00", "20"), ("11:59", "30"), ("12:00", "40")):
        sold(store, clock, revenue, 1, YESTERDAY)
    sold(store, "11:59", "4", 1)

    panel = drawn(store, "now", NOW, zone="America/Caracas")

    assert number(panel, "Revenue today", "EUR") == [Decimal(6), Decimal(50)]
    assert panel.begin == at("04:00")


def test_yesterday_at_the_same_time_is_by_the_clock_of_the_wall(store: Store) -> None:
    # Berlin, 29 March 2026: at 2:00 it becomes 3:00. Noon is 10:00 UTC, the day before it was 11:00 UTC.
    today, before = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC)
    seen(store, "22:00", 1, before - timedelta(days=1))
    for clock, revenue in (("22:59", "1"), ("23:00", "2")):
        sold(store, clock, revenue, 1, before - timedelta(days=1))
    for clock, revenue in (("10:59", "4"), ("11:00", "8"), ("23:00", "16")):
        sold(store, clock, revenue, 1, before)
    sold(store, "09:59", "32", 1, today)

    panel = drawn(store, "now", at("10:00:10", today), zone="Europe/Berlin")

    assert number(panel, "Revenue today", "EUR") == [Decimal(48), Decimal(6)]


def test_just_after_midnight_today_is_empty_and_not_yesterday(store: Store) -> None:
    sold(store, "23:58", "5", 1, YESTERDAY)

    panel = drawn(store, "now", at("00:00:05"))

    assert [each for each in panel.rows if each[0] == "Revenue today"] == []
    assert (panel.begin, panel.end) == (at("00:00"), at("00:00"))


def test_this_moment_is_the_newest_window(store: Store) -> None:
    put(
        store,
        ACTIVE,
        minute("11:55", length=FIVE) | {"visitors": 41},
        minute("11:55", YESTERDAY, length=FIVE) | {"visitors": 7},
    )
    put(store, CONVERSIONS, minute("11:00", length=HOUR) | {"scope": SHOP, "purchase_rate": 0.25})
    put(store, CONVERSIONS, minute("11:00", length=HOUR) | {"scope": "category", "category": "A", "purchase_rate": 0.5})
    seen(store, "11:59", 90)
    seen(store, "11:59", 30, action="purchase")

    panel = drawn(store, "now", NOW)

    assert number(panel, "Visitors of the last 5 minutes") == [41, 7]
    assert number(panel, "Buyers per viewer, last hour") == [0.25, None]
    assert number(panel, "Events per second") == [2.0, None]
    assert number(panel, "End-to-end delay") == [None, None]


@pytest.mark.parametrize(("watermark", "rate"), [("11:59:59", 0.25), ("12:00:00", 0.25), ("12:01:00", None)])
def test_an_hour_that_ends_every_five_minutes_holds_until_the_next_is_missed(
    store: Store, watermark: str, rate: float | None
) -> None:
    put(store, CONVERSIONS, minute("10:55", length=HOUR) | {"scope": SHOP, "purchase_rate": 0.25})
    seen(store, "11:59", 90)
    progress(store, at(watermark))

    panel = drawn(store, "now", at("12:02:00"))

    assert number(panel, "Buyers per viewer, last hour") == [rate, None]


def test_a_quiet_shop_has_0_visitors_and_not_those_of_its_last_window(store: Store) -> None:
    put(store, ACTIVE, minute("11:00", length=FIVE) | {"visitors": 41})
    seen(store, "11:04", 90)
    progress(store, at("11:59:30"))

    panel = drawn(store, "now", NOW)

    assert number(panel, "Visitors of the last 5 minutes") == [0, None]
    assert number(panel, "Events per second") == [0, None]


def test_the_delay_is_that_of_the_newest_minute_when_it_was_first_read(store: Store) -> None:
    for source, clock in (("website", "12:00:06.25"), ("mobile_app", "12:00:09")):
        fields = minute("11:59") | {"action": "page_view", "source": source, "events": 1}
        store.of(EVENTS).put(row(EVENTS, **fields), at(clock))

    assert number(drawn(store, "now", NOW), "End-to-end delay") == [6.2, None]


def test_hours_come_from_their_rows_and_the_one_that_is_not_over_from_its_minutes(store: Store) -> None:
    seen(store, "00:00", 1)
    put(store, TRADING, minute("00:00", length=HOUR) | {"hour": 0, "purchases": 5})
    put(store, TRADING, minute("02:00", length=HOUR) | {"hour": 2, "purchases": 7})
    put(store, TRADING, minute("23:00", YESTERDAY, length=HOUR) | {"hour": 23, "purchases": 99})
    seen(store, "03:10", 2, action="purchase")
    seen(store, "03:20", 3, action="purchase")
    seen(store, "03:20", 50)

    panel = drawn(store, "hourly_trading_volume", at("03:21:10"))

    assert panel.rows == [[0, 5, at("01:00")], [1, 0, at("02:00")], [2, 7, at("03:00")], [3, 5, at("03:21")]]


def test_an_hour_that_the_clock_repeats_is_added_up(store: Store) -> None:
    # Berlin, 25 October 2026: hour 2 comes twice, from 00:00 and from 01:00 UTC.
    day = datetime(2026, 10, 25, tzinfo=UTC)
    for clock in ("00:00", "01:00"):
        put(store, TRADING, minute(clock, day, length=HOUR) | {"hour": 2, "purchases": 4})

    panel = drawn(store, "hourly_trading_volume", at("02:00:10", day), zone="Europe/Berlin")

    assert [each for each in panel.rows if each[0] == 2] == [[2, 8, at("02:00", day)]]


def test_visitors_since_midnight_stay_where_nobody_comes(store: Store) -> None:
    seen(store, "00:00", 1)
    put(
        store,
        CUMULATIVE,
        minute("00:00", length=SLOT) | {"visitors": 3},
        minute("00:30", length=SLOT) | {"visitors": 9},
    )
    put(store, CUMULATIVE, minute("23:50", YESTERDAY, length=SLOT) | {"visitors": 500})
    progress(store, at("01:01:30"))

    panel = drawn(store, "unique_visitors_today", at("01:01:40"))

    assert cells(panel, 0, 1) == [
        *([at("00:00"), 3], [at("00:10"), 3], [at("00:20"), 3]),
        *([at("00:30"), 9], [at("00:40"), 9], [at("00:50"), 9]),
    ]
    assert panel.as_of == at("01:00")


def test_of_a_range_over_midnight_each_day_begins_anew(store: Store) -> None:
    seen(store, "23:00", 1, YESTERDAY)
    put(store, CUMULATIVE, minute("23:50", YESTERDAY, length=SLOT) | {"visitors": 500})
    put(store, CUMULATIVE, minute("00:10", length=SLOT) | {"visitors": 2})

    panel = drawn(store, "unique_visitors_today", NOW, asked=Range(at("23:40", YESTERDAY), at("00:20")))

    assert cells(panel, 0, 1) == [[at("23:50", YESTERDAY), 500], [at("00:00"), 0], [at("00:10"), 2]]
