"""What is known of an endpoint that all workers agree on, and how it changes. Pure: no clock, no Kafka."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from footfall_alerting.policy import Outcome, Result

State: TypeAlias = Literal["ok", "failing", "disabled"]

TOLD_AT = (50, 70, 90, 100)
"""Percent of the way from the first failure to being disabled at which somebody is told."""
_STATES = frozenset(get_args(State))


@dataclass(frozen=True)
class Standing:
    """One endpoint's."""

    state: State = "ok"
    reason: str = ""
    """Why it is not ok, in the words of the last outcome."""
    failing_since: float = 0.0
    """Epoch seconds of the first failure that no success has followed; 0: there is none."""
    since: float = 0.0
    """Epoch seconds since when it is in this state."""
    told: int = 0
    """Percent that was told last."""
    url_hash: str = ""
    """Of the URL that this is about: another one begins anew."""
    round: int = 0
    """Number of the beginning: another URL and being enabled each begin a new one, which nothing of an older one changes."""

    @property
    def is_disabled(self) -> bool:
        """Whether it gets nothing."""
        return self.state == "disabled"

    def encode(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def decode(value: bytes) -> Standing | None:
    """Return what `encode` made the bytes from; None: they are something else."""
    try:
        known = {name: given for name, given in json.loads(value).items() if name in Standing.__dataclass_fields__}
        found = Standing(**known)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return found if _is_sound(found) else None


def hash_of(url: str) -> str:
    """Return what tells one URL from another and gives no URL away."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def began(known: Standing | None, url_hash: str, now: float) -> Standing:
    """Return where an endpoint stands when a worker starts with it: where it was, unless its URL is another."""
    if known is None:
        return Standing(since=now, url_hash=url_hash)
    return known if known.url_hash == url_hash else _anew(known, now, url_hash)


def enabled(known: Standing, now: float) -> Standing:
    """Return the standing after somebody has enabled the endpoint."""
    return _anew(known, now, known.url_hash)


def observed(known: Standing, outcome: Outcome, now: float, disable_after: float) -> Standing:
    """Return the standing after one attempt.

    Args:
        known: Before it.
        outcome: How it ended.
        now: Epoch seconds.
        disable_after: Seconds of failing without a success until the endpoint is disabled.
    """
    if known.is_disabled:
        return known
    match outcome.result:
        case Result.DELIVERED if known.state == "failing":
            return replace(known, state="ok", reason="", failing_since=0.0, since=now, told=0)
        case Result.GONE:
            return replace(known, state="disabled", reason=outcome.detail, since=now)
        case Result.FAILED if known.state == "ok":
            return replace(known, state="failing", reason=outcome.detail, failing_since=now, since=now, told=0)
        case Result.FAILED:
            return _failed_again(known, outcome, now, disable_after)
        case _:
            return known


def merged(known: Standing, read: Standing) -> Standing:
    """Return what holds when another worker says `read`, and we knew `known`.

    A newer round wins, being disabled wins within one, and of two that fail the longer one does, so that all workers come
    to the same whatever the order they hear of it.
    """
    if read.round != known.round:
        return max(read, known, key=lambda each: each.round)
    if read.is_disabled != known.is_disabled:
        return read if read.is_disabled else known
    if read.is_disabled:
        return min(read, known, key=lambda each: each.since)
    if read.state == known.state == "failing":
        first = min(read, known, key=lambda each: each.failing_since)
        return replace(first, told=max(read.told, known.told), reason=read.reason)
    return read


def percents_to_tell(before: Standing, after: Standing) -> int:
    """Return the percent of the way that a change has reached and that is to be told; 0: none."""
    return after.told if after.failing_since == before.failing_since and after.told > before.told else 0


def _failed_again(known: Standing, outcome: Outcome, now: float, disable_after: float) -> Standing:
    way = 100 * (now - known.failing_since) / disable_after
    told = max([known.told, *(each for each in TOLD_AT if each <= way)])
    if told < TOLD_AT[-1]:
        return known if told == known.told else replace(known, told=told, reason=outcome.detail)
    return replace(known, state="disabled", reason=outcome.detail, since=now, told=told)


def _anew(known: Standing, now: float, url_hash: str) -> Standing:
    return Standing(since=now, url_hash=url_hash, round=known.round + 1)


def _is_sound(found: Standing) -> bool:
    values: dict[str, Any] = asdict(found)
    numbers = (values[name] for name in ("failing_since", "since"))
    counts = (values[name] for name in ("told", "round"))
    return (
        values["state"] in _STATES
        and all(isinstance(values[name], str) for name in ("reason", "url_hash"))
        and all(type(number) in {int, float} and 0 <= number < 1e12 for number in numbers)  # noqa: PLR2004  no time is later
        and all(type(count) is int and count >= 0 for count in counts)
    )
