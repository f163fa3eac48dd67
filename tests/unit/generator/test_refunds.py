from collections import Counter
from decimal import Decimal
from itertools import islice
from threading import Event
from typing import Any

import numpy as np
import pytest
from footfall_generator.events.rows import Fault
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.publish.pacing import Pacer
from footfall_generator.run import Run, ShopSpec
from footfall_generator.shop.refunds import LINES_PER_EVENT, MEAN_DELAY, Refunds
from footfall_generator.shop.shoppers import Lines
from footfall_generator.shop.vocabulary import REFUND_REASONS

from .conftest import SCHEMA_IDS, START, Kept, Simulate

Events = list[dict[str, Any]]
LONGEST_WAIT = MEAN_DELAY * 1.75


@pytest.fixture(scope="module")
def kept(simulate: Simulate) -> Kept:
    """Half an hour in which half of what is bought is refunded."""
    _, kept = simulate(events=90_000, rate=50.0, refund_share=0.5, currencies=("EUR", "SEK"))
    return kept


@pytest.fixture(scope="module")
def bought(kept: Kept) -> dict[str, dict[str, Any]]:
    return {row["checkout_id"]: row for row in kept.records("checkouts") if row["payment_status"] == "succeeded"}


@pytest.fixture(scope="module")
def refunds(kept: Kept) -> Events:
    return kept.records("refunds")


def _lines(count: int, **columns: int) -> Lines:
    """Return lines that were paid for, each of one unit at 10.00."""
    names = ("user", "visit", "client", "product", "currency", "terms", "outcome")
    values = dict.fromkeys(names, 0) | {"quantity": 1, "price": 1000} | columns
    numbers = np.arange(count)
    return Lines(act=numbers, number=numbers, **{name: np.full(count, value) for name, value in values.items()})


def test_a_refund_is_of_a_line_that_was_paid_for_some_minutes_before(
    refunds: Events, bought: dict[str, dict[str, Any]]
) -> None:
    known = [row for row in refunds if row["checkout_id"]]
    for row in known:
        line = bought[row["checkout_id"]]
        same = ("user_id", "order_id", "product_id", "category_id", "currency", "source")
        assert {name: row[name] for name in same} == {name: line[name] for name in same}
        assert MEAN_DELAY / 4 <= row["event_time"] - line["event_time"] <= LONGEST_WAIT

    assert max(Counter(row["checkout_id"] for row in known).values()) == 1
    assert 0.8 < len(known) / len(refunds) < 1
    orders = {line["order_id"] for line in bought.values()}
    assert all(row["order_id"] in orders for row in refunds)


def test_no_more_is_paid_back_than_was_paid_for_these_units(refunds: Events, bought: dict[str, dict[str, Any]]) -> None:
    shares = {reason: Decimal(share) for reason, share in REFUND_REASONS}
    parts, shortened = Counter[bool](), 0
    for row in refunds:
        if line := bought.get(row["checkout_id"] or ""):
            paid = line["unit_price"] * row["quantity"] * (1 - line["discount_rate"]) * shares[row["reason"]]
            assert 0 <= paid - row["amount"] < Decimal("0.01")
            assert 1 <= row["quantity"] <= line["quantity"]
            parts[row["quantity"] < line["quantity"]] += 1
            shortened += line["discount_rate"] > 0

    assert parts[True] > 50
    assert parts[False] > 50
    assert shortened > 50


def test_every_reason_is_given(refunds: Events) -> None:
    assert {row["reason"] for row in refunds} == {reason for reason, _ in REFUND_REASONS}


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_so_many_of_the_purchased_lines_are_refunded(simulate: Simulate, share: float) -> None:
    run, kept = simulate(events=75_000, rate=50.0, refund_share=share)

    end = START + run.events / 50.0 * 1000 - LONGEST_WAIT.total_seconds() * 1000
    settled = {
        row["order_id"]
        for row in kept.records("checkouts")
        if row["payment_status"] == "succeeded" and row["event_time"].timestamp() * 1000 < end
    }
    lines = [
        row for row in kept.records("checkouts") if row["payment_status"] == "succeeded" and row["order_id"] in settled
    ]
    refunds = kept.records("refunds") if share else []
    refunded = [row for row in refunds if row["order_id"] in settled]

    assert len(refunded) / len(lines) == pytest.approx(share, rel=0.2 if share < 1 else 0)
    assert share or not any(rows.topic == "refunds" for rows in kept.rows)


def test_refunds_leave_alone_what_shoppers_do(simulate: Simulate) -> None:
    ways = [simulate(refund_share=share)[1].records("clickstream") for share in (0.0, 1.0)]

    without, with_all = ([(row["user_id"], row["action"], row["product_id"]) for row in rows][:4_000] for rows in ways)
    assert without == with_all


def test_what_waits_is_bounded_and_nothing_is_forgotten() -> None:
    refunds = Refunds(np.random.default_rng(1), share=1.0, rate=1.0, most=10)
    lines = _lines(100)
    chosen = refunds.choose(lines)

    happened = refunds.happen(lines, chosen, START + np.arange(100), START, START + 100)
    later = refunds.happen(_lines(0), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), START, START + 10**9)

    assert len(happened) == 90
    assert [refund.time for refund in happened] == sorted(refund.time for refund in happened)
    assert sorted(refund.line for refund in (*happened, *later)) == list(range(100))


def test_a_busier_shop_pays_back_sooner_so_that_what_waits_fits() -> None:
    rate, most = 20_000.0, 2_000
    refunds = Refunds(np.random.default_rng(1), share=1.0, rate=rate, most=most)
    count = int(rate * LINES_PER_EVENT)
    waiting, happened = 0, 0

    for second in range(8):
        start, lines = START + second * 1000, _lines(count)
        times = start + np.arange(count) * 1000 // count
        now = refunds.happen(lines, refunds.choose(lines), times, start, start + 1000)
        happened += len(now)
        waiting = max(waiting, count * (second + 1) - happened)

    assert most / 4 < waiting <= most
    assert happened > 4 * count


def test_after_a_long_sleep_nothing_happens_in_the_past() -> None:
    now, stop, kept = [START / 1000], Event(), Kept()
    run = Run(ShopSpec(START, 100.0, users=100, products=10, refund_share=1.0), SCHEMA_IDS, kept, Faults(), stop)
    pacer = Pacer(stop, now=lambda: now[0])
    stop.wait = lambda timeout=None: bool(now.__setitem__(0, now[0] + (timeout or 0)))  # type: ignore[method-assign]
    live = run.paced(pacer, None, None)
    for _ in islice(live, 250):
        pass

    now[0] += 8 * 3600
    woken = now[0]
    next(live)  # what was under way when the shop fell asleep
    kept.rows.clear()
    for _ in islice(live, 20):
        pass

    assert {"refunds", "inventory-updates"} <= {rows.topic for rows in kept.rows}
    assert all(int(rows.times.min()) >= woken * 1000 - 1_000 for rows in kept.rows)


def test_refunds_get_every_fault(simulate: Simulate) -> None:
    faults = Faults(out_of_order=20, late=20, duplicates=20, poison=20)

    run, kept = simulate(events=50_000, rate=100.0, refund_share=1.0, faults=faults)
    run.finish(None, lambda _: 1)

    assert set(kept.of("refunds").faults.tolist()) == {int(fault) for fault in Fault}
