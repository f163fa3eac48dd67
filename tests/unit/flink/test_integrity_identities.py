"""Each identity holds of a shop as it is computed in plain Python, and names what was changed in either stream."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from footfall_analytics.integrity.findings import Finding, findings_of
from footfall_analytics.integrity.identities import WINDOWED, Identity, Side
from footfall_analytics.integrity.ledger import STREAMS, Ledger

from support.oracle import Oracle
from support.oracle.rows import Message, Row
from support.simulated import simulated

START = datetime(2025, 12, 31, 22, 45, tzinfo=UTC)
END = START + timedelta(minutes=140)
"""An hour and a quarter that hold the begin of a day and a whole hour, and what is before."""
SHOP: dict[str, Any] = {
    "rate": 2.0,
    "users": 200,
    "products": 40,
    "refund_share": 0.6,
    "currencies": ("EUR", "USD", "JPY"),
}
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
CHECKED = timedelta(minutes=70)
"""So long after the start the windows of all streams are whole."""
INPUTS = ("clickstream", "checkouts", "refunds", "products", "users", "categories")


@pytest.fixture(scope="module")
def streams() -> dict[str, list[Row]]:
    run, kept = simulated(events=None, until=int(END.timestamp() * 1000), start=int(START.timestamp() * 1000), **SHOP)
    run.publish_dimensions(("products", "users", "categories"))
    messages = [Message(name, 0, at, row) for name in INPUTS for at, row in enumerate(kept.records(name))]
    outputs = Oracle(messages, late=(), until=END).outputs()
    return {name: [row for row in outputs[name]() if row.get("window_end", END) <= END] for name in STREAMS}


@pytest.fixture(scope="module")
def ledger(streams: dict[str, list[Row]]) -> Ledger:
    ledger = Ledger(WINDOWED, ZoneInfo("UTC"))
    for name, rows in streams.items():
        ledger.begin(name, START)
        for row in rows:
            ledger.put(name, row)
    return ledger


@pytest.fixture(scope="module")
def first(ledger: Ledger) -> dict[str, list[Finding]]:
    return found(ledger)


def found(ledger: Ledger) -> dict[str, list[Finding]]:
    """Return what is to be said of the windows that have changed."""
    findings: dict[str, list[Finding]] = {identity.name: [] for identity in WINDOWED}
    for identity, window in ledger.due(END):
        findings[identity.name] += findings_of(identity, window, ledger.numbers(identity, window))
    return findings


def test_all_identities_hold_and_each_is_tried(first: dict[str, list[Finding]]) -> None:
    assert [finding.row() for each in first.values() for finding in each if not finding.holds] == []
    assert [name for name, each in first.items() if not any(finding.right for finding in each)] == []


def counted(identity: Identity, side: Side, rows: list[Row]) -> Row:
    """Return a row that counts for the identity, in a window that is checked."""
    fold = STREAMS[side.topic].fold or (lambda row: row)
    for row in rows:
        folded = fold(row)
        start = folded["window_start"]
        if start > START + CHECKED and side.counts(folded) and (not identity.of_midnight or start == MIDNIGHT):
            return row
    raise AssertionError(f"nothing counts for {identity.name}")


def with_numbers(row: Row, much: int) -> Row:
    """Return the row with all numbers so much greater."""
    return {
        name: value + much if type(value) in {int, Decimal} and name not in {"rank", "hour"} else value
        for name, value in row.items()
    }


CASES = [(identity, side) for identity in WINDOWED for side in ("left", "right")]


@pytest.mark.parametrize(("identity", "side"), CASES, ids=[f"{each.name}-{side}" for each, side in CASES])
@pytest.mark.usefixtures("first")
def test_a_wrong_row_in_either_stream_is_named(
    streams: dict[str, list[Row]], ledger: Ledger, identity: Identity, side: str
) -> None:
    its: Side = getattr(identity, side)
    right = counted(identity, its, streams[its.topic])
    # Enough to break what is at most something, too.
    much = 10**6 if side == "left" else -(10**6)
    # What is added up cannot be taken back.
    own = deepcopy(ledger) if STREAMS[its.topic].fold else ledger

    own.put(its.topic, with_numbers(right, much))
    wrong = [finding for finding in found(own)[identity.name] if not finding.holds]
    own.put(its.topic, right)
    mended = found(own)[identity.name]

    assert wrong
    assert own is not ledger or all(finding.holds for finding in mended)
