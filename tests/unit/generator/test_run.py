from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice
from threading import Event

import numpy as np
import pytest
from footfall_generator.events.partitions import murmur2, partition_of
from footfall_generator.events.streams import EVENT_TOPICS
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.publish.pacing import Pacer
from footfall_generator.run import Run, ShopSpec

from .conftest import SCHEMA_IDS, START, Kept, Simulate


class Clock:
    """A clock that only waiting moves."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.stop = Event()
        self.stop.wait = self._wait  # type: ignore[method-assign]

    def _wait(self, timeout: float | None = None) -> bool:
        self.seconds += timeout or 0.0
        return False


@pytest.mark.parametrize("events", [1, 17, 4_999, 12_345])
def test_exactly_as_many_events_as_asked_for(simulate: Simulate, events: int) -> None:
    run, kept = simulate(events=events)

    assert run.events == events
    assert len(kept.events()) == events


def test_a_limit_cuts_the_latest_events_off(simulate: Simulate) -> None:
    _, longer = simulate(events=3_000)
    _, shorter = simulate(events=2_500)

    assert {*shorter.events()} < {*longer.events()}
    cut = {*longer.events()} - {*shorter.events()}
    assert len(cut) == 500


@pytest.mark.parametrize("rate", [20.0, 1_000.0])
def test_the_rate_is_kept_over_event_time(simulate: Simulate, rate: float) -> None:
    until = START + 120_000

    run, kept = simulate(events=None, until=until, rate=rate)

    assert run.events == pytest.approx(120 * rate, rel=0.03)
    assert all((rows.times >= START).all() and (rows.times < until).all() for rows in kept.rows)


def test_without_faults_each_stream_is_in_order(simulate: Simulate) -> None:
    _, kept = simulate(events=60_000, refund_share=0.5)

    for name in EVENT_TOPICS:
        assert (np.diff(kept.of(name).times) >= 0).all()


def test_the_first_minute_looks_like_any_other(simulate: Simulate) -> None:
    _, kept = simulate(events=None, until=START + 300_000, rate=500.0)
    times = kept.of("checkouts").times

    per_minute = np.bincount((times - START) // 60_000, minlength=5)

    assert per_minute.min() > 0.5 * per_minute.max()


def test_live_events_leave_when_the_clock_reaches_them() -> None:
    clock, kept = Clock(START / 1000), Kept()
    run = Run(ShopSpec(START, 100.0, users=100, products=50), SCHEMA_IDS, kept, Faults(), clock.stop)

    for _ in islice(run.paced(Pacer(clock.stop, now=lambda: clock.seconds), None, None), 100):
        newest = max(int(rows.times.max()) for rows in kept.rows)
        assert newest <= clock.seconds * 1000 + 1
        assert clock.seconds * 1000 - newest < 1_000

    assert run.events / (clock.seconds - START / 1000) == pytest.approx(100, rel=0.05)


def test_after_a_long_sleep_the_live_stream_goes_on_with_now() -> None:
    clock, kept = Clock(START / 1000), Kept()
    run = Run(ShopSpec(START, 100.0, users=100, products=50), SCHEMA_IDS, kept, Faults(), clock.stop)
    live = run.paced(Pacer(clock.stop, now=lambda: clock.seconds), None, None)
    next(live)

    clock.seconds += 8 * 3600
    published = [next(live) for _ in range(3)]

    assert published[-1] < 200
    assert run.shop.now / 1000 == pytest.approx(clock.seconds, abs=1)


def test_a_stop_ends_the_run_between_two_slices() -> None:
    stop = Event()
    run = Run(ShopSpec(START, 100.0, users=100, products=50), SCHEMA_IDS, Kept(), Faults(), stop)

    def until_stopped() -> Iterator[int]:
        for number, events in zip(count(), run.at_full_speed(None, None), strict=False):
            if number == 2:
                stop.set()
            yield events

    assert len(list(until_stopped())) == 3


@pytest.mark.parametrize("partitions", [1, 4, 13])
def test_closing_events_reach_every_partition_and_close_every_window(simulate: Simulate, partitions: int) -> None:
    run, kept = simulate(faults=Faults(late=20))
    kept.rows.clear()

    run.finish(timedelta(hours=2), lambda _: partitions)

    closing = START + (run.shop.now - START) + 7_200_000
    assert [rows.topic for rows in kept.rows[-len(EVENT_TOPICS) :]] == list(EVENT_TOPICS)
    for last in kept.rows[-len(EVENT_TOPICS) :]:
        assert {partition_of(key, partitions) for key in last.keys} == set(range(partitions))
        assert set(last.times.tolist()) == {closing}
    assert {row["payment_status"] for row in kept.records("checkouts")[-partitions:]} == {"failed"}
    assert {row["amount"] for row in kept.records("refunds")[-partitions:]} == {0}
    assert {row["change"] for row in kept.records("inventory-updates")[-partitions:]} == {0}


def test_the_shop_does_not_depend_on_when_it_opens() -> None:
    one, other = (ShopSpec(start, 50.0, users=50, products=50).catalog() for start in (START, START + 5))

    assert one.prices.tolist() == other.prices.tolist()
    assert one.popularity.tolist() == other.popularity.tolist()


@pytest.mark.parametrize(
    ("key", "digest"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_keys_hash_as_in_the_java_client(key: bytes, digest: int) -> None:
    assert digest % 2**32 == murmur2(key)


def test_a_negative_hash_loses_its_sign_as_in_the_java_client() -> None:
    assert partition_of(b"21", 3) == 1_173_551_340 % 3
