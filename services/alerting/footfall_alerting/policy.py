"""What an attempt's result means and what happens next. Pure decisions, no clock, no network."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TypeAlias

JITTER = 0.1
"""Part of a delay that may be added to it, so that failures do not return as one wave."""
LONGEST_WAIT = 1e9
"""Seconds; what a receiver asks for beyond this is taken as this."""
THROTTLING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""Answers of a receiver that gets more than it can take."""


class Result(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """May succeed later."""
    GONE = "gone"
    """410: the endpoint wants nothing any more."""
    DISABLED = "disabled"
    """Not made: the endpoint is disabled."""
    NOT_CONFIGURED = "not_configured"
    """Not made: there is no such endpoint any more."""


@dataclass(frozen=True)
class Outcome:
    """Result of one attempt."""

    result: Result
    status: int | None = None
    """HTTP status; None if there was none."""
    detail: str = ""
    """For people, at most 500 characters; holds no URL and no secret."""
    retry_after: float = 0.0
    """Seconds the receiver asked us to wait."""
    throttle: bool = False
    """Whether the receiver gets more than it can take."""
    answer: str = ""
    """First 2 kB of the answer's body."""
    seconds: float = 0.0
    """How long the attempt took."""


@dataclass(frozen=True)
class Schedule:
    """When a job whose attempts fail is attempted again; all times in seconds."""

    delays: tuple[float, ...]
    """Before the first retries, one each."""
    every: float
    """Between those that follow."""
    lasts: float
    """From the first attempt to the last one."""

    def delay(self, failures: int) -> float:
        """Return the wait after so many failed attempts, at least one, before jitter."""
        return self.delays[failures - 1] if failures <= len(self.delays) else self.every


@dataclass(frozen=True)
class Complete:
    """Nothing is left to do."""


@dataclass(frozen=True)
class Retry:
    """Try again."""

    due: float
    """Epoch seconds."""


@dataclass(frozen=True)
class Dead:
    """Give up: dead letter."""

    reason: str
    """`exhausted`, `gone`, `disabled` or `not_configured`."""


Step: TypeAlias = Complete | Retry | Dead


def classify(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """Return what an HTTP answer means; a redirect is never followed and counts as a failure."""
    detail = f"HTTP {status}"
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(Result.DELIVERED, status, detail)
    if status == HTTPStatus.GONE:
        return Outcome(Result.GONE, status, detail)
    return Outcome(Result.FAILED, status, detail, seconds_to_wait(retry_after, now), throttle=status in THROTTLING)


def next_step(outcome: Outcome, schedule: Schedule, *, failures: int, begun: float, now: float, jitter: float) -> Step:
    """Decide what follows an attempt.

    Args:
        outcome: How it ended.
        schedule: When to try again.
        failures: Failed attempts, this one included.
        begun: When the first of them began, epoch seconds.
        now: Epoch seconds.
        jitter: 0 to 1, spreads the delay upwards.
    """
    match outcome.result:
        case Result.DELIVERED:
            return Complete()
        case Result.FAILED:
            end = begun + schedule.lasts
            if now >= end:
                return Dead("exhausted")
            wait = max(schedule.delay(failures) * (1 + JITTER * jitter), outcome.retry_after)
            # The end is the last attempt's, however little is left until then.
            return Retry(min(now + wait, end))
        case refused:
            return Dead(refused.value)


def seconds_to_wait(retry_after: str | None, now: datetime) -> float:
    """Read a Retry-After header, seconds or a date; 0 when there is none or it makes no sense."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text[:20]), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
        return min(max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()), LONGEST_WAIT)
    except Exception:  # noqa: BLE001  strangers write it, and the parser raises whatever that leads to
        return 0.0
