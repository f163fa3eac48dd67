"""A delivery that is under way: what retry topics hold."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from footfall_alerting.errors import UnreadableJobError

LARGEST = 1e12
"""No time or count in a job is beyond this."""


@dataclass(frozen=True)
class Job:
    """One webhook for one endpoint."""

    webhook_id: str
    endpoint: str
    """The endpoint's id, not its URL: URLs may hold tokens."""
    key: str
    """Record key, the product's id."""
    body: str
    """The exact text to sign and send."""
    event_time: float
    """When it happened in the shop, epoch seconds."""
    attempts: int = 0
    """Attempts that have failed."""
    not_before: float = 0.0
    """Epoch seconds of the next attempt."""
    error: str = ""
    """Why the last attempt failed."""

    def failed(self, error: str, not_before: float) -> Self:
        """Return the job after one more failure."""
        return replace(self, attempts=self.attempts + 1, error=error, not_before=not_before)

    def postponed(self, reason: str, not_before: float) -> Self:
        """Return the job for which there was no attempt."""
        return replace(self, error=reason, not_before=not_before)

    def encode(self) -> bytes:
        """Return the job as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def decode_job(value: bytes | None) -> Job:
    """Return the job that `encode` made the bytes from.

    Raises:
        UnreadableJobError: They are no job.
    """
    try:
        job = Job(**json.loads(value or b""))
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableJobError(f"no delivery job: {error}") from error
    if any(type(getattr(job, name)) is not str for name in ("webhook_id", "endpoint", "key", "body", "error")):
        raise UnreadableJobError("no delivery job: a text is missing")
    if not all(_is_number(getattr(job, name)) for name in ("event_time", "attempts", "not_before")):
        raise UnreadableJobError("no delivery job: a number is missing")
    if type(job.attempts) is not int or job.attempts < 0:
        raise UnreadableJobError("no delivery job: attempts are no count")
    return job


def _is_number(value: object) -> bool:
    # JSON of Python knows NaN and infinity, and integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
