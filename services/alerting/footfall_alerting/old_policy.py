"""What an attempt's result means and what happens next. Pure decisions, no clock, no network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TypeAlias

JITTER = 0.1
"""Part of a delay by which it is spread to either side, so that failures do not return as one wave."""

_TRANSIENT_4XX = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class DeliveryResult(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """May succeed later."""
    REFUSED = "refused"
    """Will never succeed."""
    GONE = "gone"
    """410: the endpoint wants nothing any more."""
    BUSY = "busy"
    """Not made: too many attempts at this endpoint were still running."""


@dataclass(frozen=True)
class Outcome:
    """Result of one attempt."""

    result: DeliveryResult
    detail: str = ""
    retry_after: float = 0.0
    """Seconds the receiver asked us to wait."""


@dataclass(frozen=True)
class Complete:
    """Nothing is left to do."""


@dataclass(frozen=True)
class Retry:
    """Try again after a delay."""

    tier: int
    delay: float
    """Seconds."""
    attempted: bool = True
    """Whether this uses up one of the retries."""


@dataclass(frozen=True)
class DeadLetter:
    """Give up: dead letter."""


Step: TypeAlias = Complete | Retry | DeadLetter


def classify(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """Return what an HTTP answer means; a redirect is never followed and counts as a failure."""
    detail = f"HTTP {status}"
    if HTTPStatus(200).value <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(DeliveryResult.DELIVERED, detail)
    if status == HTTPStatus.GONE:
        return Outcome(DeliveryResult.GONE, detail)
    if status // 100 == 4 and status not in _TRANSIENT_4XX:  # noqa: PLR2004
        return Outcome(DeliveryResult.REFUSED, detail)
    return Outcome(DeliveryResult.FAILED, detail, seconds_to_wait(retry_after, now))


def next_step(outcome: Outcome, failures: int, delays: Sequence[float], jitter: float) -> Step:
    """Decide what follows an attempt.

    Args:
        outcome: How it ended.
        failures: Failed attempts before this one.
        delays: Seconds of each retry tier, growing.
        jitter: 0 to 1, spreads the delay.
    """
    match outcome.result:
        case DeliveryResult.DELIVERED:
            return Complete()
        case DeliveryResult.REFUSED | DeliveryResult.GONE:
            return DeadLetter()
        case DeliveryResult.BUSY if delays:
            return Retry(0, _spread(delays[0], jitter), attempted=False)
        case DeliveryResult.FAILED if failures < len(delays):
            tier = max(failures, _tier_for(outcome.retry_after, delays))
            return Retry(tier, _spread(delays[tier], jitter))
        case _:
            return DeadLetter()


def seconds_to_wait(retry_after: str | None, now: datetime) -> float:
    """Read a Retry-After header, seconds or a date; 0 when there is none or it makes no sense."""
    text = (retry_after or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    except Exception:  # noqa: BLE001  strangers write it, and the parser raises whatever that leads to
        return 0.0


def _spread(delay: float, jitter: float) -> float:
    return delay * (1 - JITTER + 2 * JITTER * jitter)


def _tier_for(wait: float, delays: Sequence[float]) -> int:
    # Each tier's topic keeps its order only while all its delays are alike, so a receiver's wish picks a tier.
    return next((tier for tier, delay in enumerate(delays) if delay >= wait), len(delays) - 1)
