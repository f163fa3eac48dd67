"""Forecasts of stock-outs: whether they are right, not only the same as the job's."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from support.computed import computed
from support.events import NOON, at, inventory_update, product
from support.oracle import Row
from support.oracle.forecasts import History, Movement, Z, forecast, quantile
from support.oracle.rhythm import HOUR_MS, Clock, Rhythm, Rhythms, weights_of

A_DAY = timedelta(days=1)


def sales(count: int, every: float, left: int, **fields: object) -> list[Row]:
    """Return sales of one unit so many minutes apart, after a receipt; what is left after the last."""
    receipt = inventory_update("in", at(0), left + count, change=left + count, reason="receipt", **fields)
    sold = (inventory_update(str(n), at(n * every), left + count - n, **fields) for n in range(1, count + 1))
    return [receipt, *sold]


def test_stock_lasts_as_long_as_it_takes_to_sell_it() -> None:
    (row,) = computed("stock_forecasts", product(), *sales(200, 6, left=100))

    assert row["sales_per_hour"] == pytest.approx(10, rel=0.02)
    assert row["stockout_at"] - row["event_time"] == pytest.approx(timedelta(hours=10), abs=timedelta(minutes=15))
    assert row["stockout_earliest"] < row["stockout_at"] < row["stockout_latest"]


def test_a_forecast_is_final_when_its_minute_is_over() -> None:
    rows = sales(6, 10, left=100)

    (row,) = computed("stock_forecasts", *rows, until=at(61) - timedelta(milliseconds=1))
    assert row["quantity"] == 101
    (row,) = computed("stock_forecasts", *rows, until=at(61))
    assert row["quantity"] == 100


def test_a_night_in_which_the_shop_sells_nothing_is_no_time() -> None:
    days = [
        inventory_update(f"{day}-{n}", at(n * 3) + day * A_DAY, 5000 - day * 100 - n)
        for day in range(-4, 1)
        for n in range(100 if day < 0 else 90)
    ]
    left = [*days, inventory_update("counted", at(270), 60, change=-1, reason="adjustment")]

    (row,) = computed("stock_forecasts", *left)

    tomorrow = NOON + A_DAY
    assert row["stockout_at"] > tomorrow, "thirty minutes of today's five hours are left, which sell ten"
    (there,) = computed("stock_forecasts", *left, zone="Pacific/Auckland")
    assert there["stockout_at"] > tomorrow, "the clock's zone turns the day, not the rhythm"


def test_an_alert_is_told_once_a_day_before_the_stock_is_out() -> None:
    rows = sales(300, 10, left=30)

    alerts = computed("inventory-alerts", product(), *rows)

    (depleting,) = [row for row in alerts if row["alert_type"] == "inventory.depleting"]
    assert depleting["sequence"] == 1
    assert depleting["stockout_at"] - depleting["event_time"] <= A_DAY
    assert depleting["quantity"] == pytest.approx(144, abs=3)


def test_intervals_hold_in_four_cases_of_five_or_more_and_the_rhythm_makes_them_narrower() -> None:
    rng = Random(7)
    # One sale in an hour of the day, six in one of the evening; days differ by a fifth, hours by a third.
    days = [rng.gammavariate(25, 1 / 25) for _ in range(40)]
    rates = [days[hour // 24] * rng.gammavariate(9, 1 / 9) * (6 if hour % 24 >= 18 else 1) for hour in range(40 * 24)]
    times = sorted(
        int((hour + rng.random()) * HOUR_MS) for hour, rate in enumerate(rates) for _ in range(_sold(rng, rate))
    )
    clock = Clock(ZoneInfo("UTC"))

    learnt = _outcomes(times, Rhythms(times, clock).at, clock)
    constant = _outcomes(times, lambda _: Rhythm(weights_of([0] * 24), 0), clock)

    assert 0.75 <= fmean(held for held, _ in learnt) <= 0.9, (
        "an hour that differs from its neighbours makes them a little wide"
    )
    assert fmean(held for held, _ in constant) < fmean(held for held, _ in learnt)
    assert fmean(width for _, width in learnt) < fmean(width for _, width in constant)


def _sold(rng: Random, rate: float) -> int:
    return sum(rng.random() < rate / 200 for _ in range(200))


def _outcomes(times: list[int], rhythm_at: Callable[[int], Rhythm], clock: Clock) -> list[tuple[bool, float]]:
    """Return of each forecast after a week whether the next twenty were sold within its interval, and how wide that was."""
    found, history, ahead = [], History(), 20
    for time, was in zip(times, times[ahead:], strict=False):
        rhythm = rhythm_at(time)
        history.add(Movement(time, 1, ahead), rhythm, clock)
        foretold = forecast(history, rhythm, clock)
        if time >= 7 * 24 * HOUR_MS and foretold and foretold.stockout_earliest and foretold.stockout_latest:
            held = foretold.stockout_earliest <= was <= foretold.stockout_latest
            found.append((held, float(foretold.stockout_latest - foretold.stockout_earliest)))
    return found


@pytest.mark.parametrize(("shape", "other"), [(10, 10), (50, 5), (5, 50), (2, 200)])
def test_quantiles_are_those_of_a_quotient_of_gamma_distributed_numbers(shape: float, other: float) -> None:
    rng = Random(1)
    drawn = [rng.gammavariate(shape, 1 / shape) / rng.gammavariate(other, 1 / other) for _ in range(50_000)]

    for z, part in ((-Z, 0.1), (0, 0.5), (Z, 0.9)):
        below = fmean(each < quantile(shape, other, z) for each in drawn)
        assert below == pytest.approx(part, abs=0.01)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_a_change_of_clocks_breaks_nothing(zone: str) -> None:
    autumn = timedelta(days=237)
    rows = [row | {"event_time": row["event_time"] + autumn} for row in sales(300, 30, left=500)]

    (row,) = computed("stock_forecasts", *rows, zone=zone)

    assert row["sales_per_hour"] == pytest.approx(2, rel=0.1)
