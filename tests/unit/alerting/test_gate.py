"""Slots, rate, hold and throttle of one endpoint."""

import math

from footfall_alerting.policy import Outcome, Result
from footfall_alerting.queue.gate import Gate

OK = Outcome(Result.DELIVERED, 204)
TOO_MUCH = Outcome(Result.FAILED, 429, throttle=True)


def test_as_many_attempts_as_slots_are_under_way() -> None:
    gate = Gate(slots=2, rate=None, longest_hold=100)
    gate.begin(10)
    assert gate.opens_at(10) == 10
    gate.begin(10)
    assert gate.opens_at(10) == math.inf
    gate.end(OK, 10, 11)
    assert gate.opens_at(11) == 11


def test_an_attempt_that_was_given_up_frees_its_slot() -> None:
    gate = Gate(1, None, 100)
    gate.begin(10)
    gate.end(None, 10, 11)
    assert gate.opens_at(11) == 11


def test_no_more_begin_than_the_rate_allows() -> None:
    gate, now, begun = Gate(100, 10, 100), 1000.0, 0
    while now < 1010:
        now = max(now, gate.opens_at(now))
        gate.begin(now)
        gate.end(OK, now, now)
        begun += 1
        now += 0.003
    assert 98 <= begun <= 102


def test_a_wait_that_the_receiver_asks_for_holds_everything_back() -> None:
    gate = Gate(4, None, longest_hold=60)
    gate.begin(10)
    gate.begin(10)
    gate.end(Outcome(Result.FAILED, 503, retry_after=30), 10, 11)
    assert gate.opens_at(11) == 41
    # What ends meanwhile asks for less, or goes well: the longest wish holds.
    gate.end(OK, 10, 12)
    assert gate.opens_at(12) == 41
    assert gate.opens_at(50) == 50


def test_nobody_holds_its_webhooks_back_for_ever() -> None:
    gate = Gate(4, None, longest_hold=60)
    gate.begin(10)
    gate.end(Outcome(Result.FAILED, 503, retry_after=1e9), 10, 11)
    assert gate.opens_at(11) == 71


def test_too_much_halves_the_slots_once_for_all_that_were_under_way_and_success_gives_them_back() -> None:
    gate = Gate(16, None, 100)
    for _ in range(16):
        gate.begin(10)
    for _ in range(16):
        gate.end(TOO_MUCH, 10, 11)
    assert gate.allowed == 8
    gate.begin(12)
    gate.end(TOO_MUCH, 12, 13)
    assert gate.allowed == 4
    for _ in range(20):
        gate.begin(14)
        gate.end(OK, 14, 15)
    assert gate.allowed == 16


def test_one_slot_is_always_left() -> None:
    gate = Gate(2, None, 100)
    for moment in range(10):
        gate.begin(moment)
        gate.end(TOO_MUCH, moment, moment)
    assert gate.allowed == 1
