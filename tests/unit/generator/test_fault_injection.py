from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from footfall_generator.encode.encoder import as_objects
from footfall_generator.events.rows import Fault, Rows
from footfall_generator.faults.corrupt import WAYS
from footfall_generator.faults.fault_injection import FaultInjector, Faults
from footfall_schemas.codec import PoisonMessageError, decode, encode, schema_id_of
from footfall_schemas.topics import topic
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import SCHEMA_IDS, START, Simulate

PERCENT = st.floats(0, 25)
BOUND, DELAY = 4_000, 60_000


def _rows(first: int, count: int) -> Rows:
    numbers = range(first, first + count)
    times = np.array([START + number * 100 for number in numbers], dtype=np.int64)
    values = as_objects(b"\x00\x00\x00\x00\x01value %d" % number for number in numbers)
    return Rows.normal("clickstream", times, as_objects(b"k" for _ in numbers), values)


def _released(faults: Faults, seed: int) -> tuple[FaultInjector, list[tuple[int, Rows]], Rows]:
    """Send 2,000 messages, 200 s of them; return what leaves when, and what is left at the end."""
    fault_injector = FaultInjector(faults, np.random.default_rng(seed))
    batches = [(START + (first + 49) * 100, _rows(first, 50)) for first in range(0, 2000, 50)]
    passed = [(now, fault_injector.pass_on(batch, now)) for now, batch in batches]
    drained = fault_injector.drain()
    return fault_injector, passed, Rows.concat(drained) if drained else _rows(0, 0)


@settings(max_examples=25)
@given(PERCENT, PERCENT, PERCENT, PERCENT, st.integers(0, 1000))
def test_every_message_leaves_whatever_the_dials(
    out_of_order: float, late: float, duplicates: float, poison: float, seed: int
) -> None:
    fault_injector, passed, drained = _released(Faults(out_of_order, late, duplicates, poison), seed)

    everything = Rows.concat([*(rows for _, rows in passed), drained])
    genuine = [
        value
        for value, fault in zip(everything.values, everything.faults, strict=True)
        if fault not in {Fault.DUPLICATE, Fault.POISON}
    ]
    assert sorted(_rows(0, 2000).values) == sorted(genuine)
    assert Counter(Fault(fault) for fault in everything.faults) == +fault_injector.counts


def test_only_late_messages_are_older_than_the_bound_when_they_leave() -> None:
    _, passed, drained = _released(Faults(out_of_order=20, late=10, duplicates=10), seed=3)
    order = Rows.concat([*(rows for _, rows in passed), drained])

    newest = np.maximum.accumulate(order.times)
    behind = newest - order.times
    late = order.faults == Fault.LATE

    assert (behind[~late] <= BOUND).all()
    assert (behind[late] > BOUND).all()
    assert behind.max() <= DELAY
    assert (behind[order.faults == Fault.OUT_OF_ORDER] > 0).mean() > 0.9
    assert (behind[order.faults == Fault.NORMAL] == 0).all()


def test_shares_are_those_of_the_dials() -> None:
    fault_injector, _, _ = _released(Faults(out_of_order=10, late=5, duplicates=20, poison=2), seed=1)

    assert fault_injector.counts[Fault.DUPLICATE] == pytest.approx(400, rel=0.2)
    assert fault_injector.counts[Fault.OUT_OF_ORDER] + fault_injector.counts[Fault.LATE] == pytest.approx(300, rel=0.2)
    assert fault_injector.counts[Fault.POISON] == pytest.approx(40, rel=0.4)


def test_a_duplicate_is_the_same_bytes_after_the_original() -> None:
    _, passed, drained = _released(Faults(duplicates=30), seed=1)
    order = Rows.concat([*(rows for _, rows in passed), drained])

    seen: set[bytes] = set()
    for value, fault in zip(order.values, order.faults, strict=True):
        assert (value in seen) == (fault == Fault.DUPLICATE)
        seen.add(value)


def test_without_faults_messages_pass_untouched() -> None:
    fault_injector = FaultInjector(Faults(), np.random.default_rng(1))
    rows = _rows(0, 10)

    assert fault_injector.pass_on(rows, START) is rows
    assert fault_injector.drain() == []


def test_the_dials_leave_the_events_alone(simulate: Simulate) -> None:
    plain_run, plain = simulate()
    faulty_run, faulty = simulate(faults=Faults(out_of_order=10, late=10))
    faulty_run.finish(None, lambda _: 1)

    assert plain_run.events == faulty_run.events
    assert sorted(plain.events()) == sorted(faulty.events())
    assert plain.events() != faulty.events()


@pytest.mark.parametrize(
    "wrong",
    [
        {"late": -1},
        {"poison": 101},
        {"late": 60, "duplicates": 60},
        {"max_disorder": timedelta(seconds=60), "max_delay": timedelta(seconds=60)},
        {"max_disorder": timedelta(0)},
    ],
)
def test_dials_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"percentages|max-delay"):
        Faults(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", [way for way in WAYS if way != "unknown schema id"])
def test_damaged_messages_cannot_be_decoded(simulate: Simulate, way: str) -> None:
    _, kept = simulate(events=300)

    for value in kept.of("clickstream").values:
        with pytest.raises(PoisonMessageError):
            decode(WAYS[way](value), topic("clickstream").schema)  # type: ignore[arg-type]


def test_an_unknown_schema_id_is_none_of_ours(simulate: Simulate) -> None:
    _, kept = simulate(events=10)
    value = kept.of("clickstream").values[0]

    damaged = WAYS["unknown schema id"](value)

    assert schema_id_of(damaged) > 1_000_000
    assert encode(SCHEMA_IDS["clickstream"], topic("clickstream").schema, kept.records("clickstream")[0]) == value
