from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from footfall_generator.settings import GeneratorSettings
from footfall_generator.shop.catalog import build_catalog
from footfall_generator.shop.inventory import ADJUSTMENT, RECEIPT, SALE, Inventory

from .conftest import START, Kept, Simulate

Place = tuple[str, str]


@pytest.fixture(scope="module")
def history(simulate: Simulate) -> Kept:
    """The ten minutes that the service starts with, by its defaults."""
    defaults = GeneratorSettings.model_construct()
    run, kept = simulate(events=1, users=defaults.users, products=defaults.products, rate=defaults.rate)
    kept.rows.clear()
    run.publish_opening_stock()
    run.publish_dimensions(("products",))
    for _ in run.at_full_speed(START + 600_000, None):
        pass
    return kept


def _updates(kept: Kept) -> dict[Place, list[dict[str, Any]]]:
    moved: dict[Place, list[dict[str, Any]]] = defaultdict(list)
    for row in kept.records("inventory-updates"):
        moved[row["product_id"], row["warehouse_id"]].append(row)
    return moved


def _crossings(kept: Kept) -> Iterator[tuple[str, str]]:
    thresholds = {row["product_id"]: row["reorder_threshold"] for row in kept.records("products")}
    for (product, _), rows in _updates(kept).items():
        levels = [row["quantity_on_hand"] for row in rows]
        states = ["out" if not level else "low" if level < thresholds[product] else "fine" for level in levels]
        yield from ((before, after) for before, after in pairwise(states) if before != after)


def test_the_quantity_on_hand_follows_from_the_changes(history: Kept) -> None:
    for rows in _updates(history).values():
        assert rows[0]["reason"] == "adjustment"
        for before, after in pairwise(rows):
            assert after["quantity_on_hand"] == before["quantity_on_hand"] + after["change"]
            assert after["quantity_on_hand"] >= 0
            assert (after["change"] < 0) == (after["reason"] == "sale")


def test_updates_are_in_the_order_of_their_times(history: Kept) -> None:
    times = history.of("inventory-updates").times

    assert (np.diff(times) >= 0).all()


def test_stock_gets_low_sells_out_and_recovers_within_the_first_minutes(history: Kept) -> None:
    crossings = list(_crossings(history))

    assert sum(before == "fine" for before, _ in crossings) >= 20
    assert sum(after == "out" for _, after in crossings) >= 5
    assert sum(after == "fine" for _, after in crossings) >= 20


def test_a_sale_takes_units_and_low_stock_is_ordered_once() -> None:
    rng = np.random.default_rng(1)
    inventory = Inventory(build_catalog(rng, users=1, products=1, rate=1.0), rng)
    opening = inventory.opening(START)
    units = sum(opening.on_hand)

    moved = inventory.trade(
        [START + n for n in range(units + 3)], [0] * (units + 3), [1] * (units + 3), START, START + 60
    )
    later = inventory.trade([], [], [], START, START + 10_000_000)

    assert opening.reason == [ADJUSTMENT] * 3
    assert moved.reason == [SALE] * units
    assert [inventory.on_hand(0, warehouse) > 0 for warehouse in range(3)] == [True] * 3
    assert later.reason.count(RECEIPT) == 3


def test_nothing_is_sold_that_is_not_there() -> None:
    rng = np.random.default_rng(1)
    inventory = Inventory(build_catalog(rng, users=1, products=1, rate=1.0), rng)
    units = sum(inventory.opening(START).on_hand)

    moved = inventory.trade([START] * units, [0] * units, [4] * units, START, START + 1)

    assert sum(moved.change) == -units
    assert min(moved.on_hand) == 0
    assert min(moved.change) >= -4


def test_what_arrives_within_the_slice_comes_between_the_sales() -> None:
    rng = np.random.default_rng(1)
    inventory = Inventory(build_catalog(rng, users=1, products=1, rate=1.0), rng)
    times = [START + n * 60_000 for n in range(40)]

    moved = inventory.trade(times, [0] * 40, [2] * 40, START, times[-1] + 1)

    assert sorted(moved.time) == moved.time
    assert moved.reason.index(RECEIPT) < len(moved.reason) - 1


def test_stock_that_takes_longer_to_come_is_ordered_sooner() -> None:
    def shop(lead_time: timedelta) -> list[int]:
        rng = np.random.default_rng(1)
        found: list[int] = build_catalog(
            rng, users=1, products=50, rate=1000.0, lead_time=lead_time
        ).thresholds.tolist()
        return found

    soon, late = shop(timedelta(minutes=3)), shop(timedelta(minutes=30))

    assert sum(late) == pytest.approx(10 * sum(soon), rel=0.05)
    assert all(one <= other for one, other in zip(soon, late, strict=True))
