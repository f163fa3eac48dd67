import math
from datetime import UTC, datetime

import pytest
from footfall_alerting.old_policy import (
    Complete,
    DeadLetter,
    DeliveryResult,
    Outcome,
    Retry,
    classify,
    next_step,
    seconds_to_wait,
)
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DELAYS = (5.0, 30.0, 120.0)


@pytest.mark.parametrize(
    ("statuses", "result"),
    [
        ((200, 201, 204, 299), DeliveryResult.DELIVERED),
        ((301, 302, 307, 308), DeliveryResult.FAILED),
        ((408, 425, 429, 500, 502, 503, 504), DeliveryResult.FAILED),
        ((400, 401, 403, 404, 405, 413, 422, 451), DeliveryResult.REFUSED),
        ((410,), DeliveryResult.GONE),
    ],
)
def test_what_a_status_means(statuses: tuple[int, ...], result: DeliveryResult) -> None:
    assert {classify(status, None, NOW).result for status in statuses} == {result}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("17", 17),
        ("-1", 0),
        ("soon", 0),
        ("Sun, 01 Mar 2026 12:00:40 GMT", 40),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 251_630_020_739),
        ("1 Jan 1 00:00 +9999", 0),
        ("\u0663", 3),
        ("9" * 400, math.inf),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float) -> None:
    assert seconds_to_wait(header, NOW) == seconds


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_retry_after_is_too_odd(header: str) -> None:
    wait = seconds_to_wait(header, NOW)

    assert wait >= 0
    assert isinstance(next_step(Outcome(DeliveryResult.FAILED, retry_after=wait), 0, DELAYS, 0.5), Retry)


def test_failures_climb_the_tiers_and_end() -> None:
    steps = [next_step(Outcome(DeliveryResult.FAILED), failures, DELAYS, 0.5) for failures in range(4)]

    assert steps == [Retry(0, 5), Retry(1, 30), Retry(2, 120), DeadLetter()]


def test_no_free_attempt_uses_up_no_retry() -> None:
    steps = [next_step(Outcome(DeliveryResult.BUSY), failures, DELAYS, 0.5) for failures in range(9)]

    assert steps == [Retry(0, 5, attempted=False)] * 9


def test_delays_spread_by_a_tenth_to_either_side() -> None:
    failed = Outcome(DeliveryResult.FAILED)

    assert next_step(failed, 1, DELAYS, 0.0) == Retry(1, 27)
    assert next_step(failed, 1, DELAYS, 1.0) == Retry(1, 33)


@pytest.mark.parametrize(("wait", "tier"), [(3, 0), (5, 0), (6, 1), (100, 2), (86_400, 2)])
def test_retry_after_picks_the_first_tier_that_is_long_enough(wait: float, tier: int) -> None:
    assert next_step(Outcome(DeliveryResult.FAILED, retry_after=wait), 0, DELAYS, 0.5) == Retry(tier, DELAYS[tier])


def test_retry_after_never_shortens_a_delay() -> None:
    assert next_step(Outcome(DeliveryResult.FAILED, retry_after=1), 2, DELAYS, 0.5) == Retry(2, 120)


def test_success_ends_it_and_refusal_buries_it() -> None:
    assert next_step(Outcome(DeliveryResult.DELIVERED), 2, DELAYS, 0.5) == Complete()
    assert next_step(Outcome(DeliveryResult.REFUSED), 0, DELAYS, 0.5) == DeadLetter()
    assert next_step(Outcome(DeliveryResult.GONE), 0, DELAYS, 0.5) == DeadLetter()


def test_without_tiers_a_failure_is_buried() -> None:
    assert next_step(Outcome(DeliveryResult.FAILED, retry_after=9), 0, (), 0.5) == DeadLetter()
