"""What an attempt's result means, and when the next one is."""

from datetime import UTC, datetime

import pytest
from footfall_alerting.policy import (
    Complete,
    Dead,
    Outcome,
    Result,
    Retry,
    Schedule,
    classify,
    next_step,
    seconds_to_wait,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = 3600.0
SCHEDULE = Schedule(delays=(5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR), every=12 * HOUR, lasts=72 * HOUR)
FAILED = Outcome(Result.FAILED, 500, "HTTP 500")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_2xx_is_success(status: int) -> None:
    assert classify(status, None, NOW).result is Result.DELIVERED


@pytest.mark.parametrize(
    "status", [100, 101, 199, 301, 302, 304, 307, 400, 401, 403, 404, 408, 422, 500, 503, 599, 999]
)
def test_everything_else_is_tried_again(status: int) -> None:
    assert classify(status, None, NOW).result is Result.FAILED


def test_410_means_gone() -> None:
    assert classify(410, None, NOW).result is Result.GONE
    assert next_step(classify(410, None, NOW), SCHEDULE, failures=1, begun=0, now=1, jitter=0) == Dead("gone")


@pytest.mark.parametrize(("status", "throttles"), [(429, True), (502, True), (504, True), (500, False), (503, False)])
def test_some_answers_mean_that_it_was_too_much(status: int, *, throttles: bool) -> None:
    assert classify(status, None, NOW).throttle is throttles


def test_waits_follow_the_schedule_until_its_end() -> None:
    now, waits = 0.0, []
    for failures in range(1, 30):
        step = next_step(FAILED, SCHEDULE, failures=failures, begun=0.0, now=now, jitter=0.0)
        if not isinstance(step, Retry):
            assert step == Dead("exhausted")
            break
        waits.append(step.due - now)
        now = step.due
    assert waits[:6] == list(SCHEDULE.delays)
    assert waits[6:10] == [12 * HOUR] * 4
    # What is left of 72 hours holds one last attempt.
    assert now == 72 * HOUR
    assert len(waits) == 11


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_jitter_only_adds(jitter: float) -> None:
    step = next_step(FAILED, SCHEDULE, failures=1, begun=0.0, now=100.0, jitter=jitter)
    assert isinstance(step, Retry)
    assert 105 <= step.due <= 105.5


def test_retry_after_is_obeyed_in_full_up_to_the_time_left() -> None:
    asked = Outcome(Result.FAILED, 503, "HTTP 503", retry_after=20 * HOUR)
    assert next_step(asked, SCHEDULE, failures=1, begun=0.0, now=0.0, jitter=0.0) == Retry(20 * HOUR)
    assert next_step(asked, SCHEDULE, failures=5, begun=0.0, now=60 * HOUR, jitter=0.0) == Retry(72 * HOUR)


def test_less_than_the_schedule_asks_for_changes_nothing() -> None:
    asked = Outcome(Result.FAILED, 503, "HTTP 503", retry_after=1)
    assert next_step(asked, SCHEDULE, failures=2, begun=0.0, now=10.0, jitter=0.0) == Retry(310)


def test_a_schedule_without_delays_goes_by_its_period() -> None:
    assert next_step(FAILED, Schedule((), 7, 100), failures=1, begun=0.0, now=0.0, jitter=0.0) == Retry(7)


@pytest.mark.parametrize("result", [Result.GONE, Result.DISABLED, Result.NOT_CONFIGURED])
def test_what_no_attempt_can_mend_is_dead_at_once(result: Result) -> None:
    assert next_step(Outcome(result), SCHEDULE, failures=1, begun=0.0, now=0.0, jitter=0.0) == Dead(result.value)


def test_a_delivery_leaves_nothing_to_do() -> None:
    assert next_step(Outcome(Result.DELIVERED, 204), SCHEDULE, failures=3, begun=0.0, now=1e9, jitter=0.0) == Complete()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("1.5", 0),
        ("\u0665", 0),
        ("120", 120),
        (" 7 ", 7),
        ("9" * 400, 1e9),
        ("Mon, 01 Jun 2026 12:01:00 GMT", 60),
        ("Mon, 01 Jun 2026 11:59:00 GMT", 0),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1e9),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(text: str | None, seconds: float) -> None:
    assert seconds_to_wait(text, NOW) == seconds
