"""One event for one endpoint, from the first attempt to the last: what topics of jobs, messages and dead letters hold."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, TypeAlias, get_args

from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.events import Event
from footfall_alerting.policy import Outcome

VERSION = 1
LARGEST = 1e12
"""No time or count in a job is beyond this."""
ATTEMPTS_KEPT = 30

Trigger: TypeAlias = Literal["event", "resend", "recover", "trigger"]
Status: TypeAlias = Literal["waiting", "delivered", "dead"]


@dataclass(frozen=True)
class Attempt:
    """One attempt that was made."""

    at: float
    """When it began, epoch seconds."""
    result: str
    status: int | None
    """HTTP status; None if there was none."""
    detail: str
    seconds: float
    """How long it took."""
    answer: str
    """First 2 kB of the answer's body."""


@dataclass(frozen=True)
class Job:
    """One event for one endpoint."""

    webhook_id: str
    endpoint: str
    """The endpoint's id, never its URL: URLs may hold tokens."""
    event_id: str
    type: str
    key: str
    """What order and partitions go by, such as the product's id."""
    sequence: int
    """Place in the order of its product and warehouse; 0 where there is none."""
    event_time: float
    """When it happened in the shop, epoch seconds."""
    body: str
    """The exact text to sign and send."""
    traceparent: str = ""
    trigger: Trigger = "event"
    """Why it is attempted."""
    begun: float = 0.0
    """When this trigger's first attempt began, epoch seconds; 0: none has."""
    not_before: float = 0.0
    """When the next attempt is due, epoch seconds."""
    attempts: tuple[Attempt, ...] = ()
    """The newest, of all triggers."""
    attempted: int = 0
    """Failed attempts of this trigger."""

    def tried(self, at: float, outcome: Outcome) -> Self:
        """Return the job after an attempt that began at `at`, epoch seconds."""
        attempt = Attempt(
            at, outcome.result.value, outcome.status, outcome.detail, round(outcome.seconds, 6), outcome.answer
        )
        return replace(
            self,
            begun=self.begun or at,
            attempts=(*self.attempts, attempt)[-ATTEMPTS_KEPT:],
            attempted=self.attempted + (outcome.result != "delivered"),
        )

    def due(self, moment: float) -> Self:
        """Return the job that waits until then, epoch seconds."""
        return replace(self, not_before=moment)

    def again(self, trigger: Trigger, now: float) -> Self:
        """Return the job for another run through the whole schedule, from now on, epoch seconds."""
        return replace(self, trigger=trigger, begun=0.0, attempted=0, not_before=now)

    def document(self) -> dict[str, Any]:
        """Return the job as what JSON can hold."""
        return {"version": VERSION} | vars(self) | {"attempts": [vars(attempt) for attempt in self.attempts]}

    def encode(self) -> bytes:
        """Return the job as JSON."""
        return _json(self.document())


@dataclass(frozen=True)
class Message:
    """How far a job has come."""

    job: Job
    status: Status
    updated: float
    """When that was known, epoch seconds."""
    reason: str = ""
    """Why it is dead, such as `exhausted`."""

    def document(self) -> dict[str, Any]:
        """Return the message as what JSON can hold: the job's fields and its own."""
        return self.job.document() | {"status": self.status, "updated": self.updated, "reason": self.reason}

    def encode(self) -> bytes:
        """Return the message as JSON."""
        return _json(self.document())


def webhook_id_of(endpoint: str, event_id: str) -> str:
    """Return the id a receiver recognises duplicates by: the same for this pair in every process, for ever."""
    # No endpoint's id holds a line end, so no other pair of the two is the same text.
    return "msg_" + hashlib.sha256(f"{endpoint}\n{event_id}".encode()).hexdigest()[:32]


def job_of(event: Event, endpoint: str, body: str) -> Job:
    """Return the job of an event for one endpoint.

    Args:
        event: What happened.
        endpoint: Id of the endpoint.
        body: What is sent, the same to every endpoint.
    """
    return Job(
        webhook_id=webhook_id_of(endpoint, event.id),
        endpoint=endpoint,
        event_id=event.id,
        type=event.type,
        key=event.key,
        sequence=event.sequence,
        event_time=event.time.timestamp(),
        body=body,
        traceparent=event.traceparent,
    )


def decode_job(value: bytes | None) -> Job:
    """Return the job that `Job.encode` made the bytes from.

    Raises:
        UnreadableJobError: They are not a job of this version.
    """
    return _job(_document(value))


def decode_message(value: bytes | None) -> Message:
    """Return the message that `Message.encode` made the bytes from.

    Raises:
        UnreadableJobError: They are not a message of this version.
    """
    document = _document(value)
    status, updated, reason = (document.pop(name, None) for name in ("status", "updated", "reason"))
    if status not in get_args(Status) or not _is_number(updated) or not isinstance(reason, str):
        raise UnreadableJobError("not a message: status, updated and reason must say how far it has come")
    return Message(_job(document), status, updated, reason)


def _document(value: bytes | None) -> dict[str, Any]:
    try:
        document = json.loads(value or b"")
    except (ValueError, RecursionError) as error:
        raise UnreadableJobError(f"not a job: {error}") from error
    if not isinstance(document, dict):
        raise UnreadableJobError("not a job: no JSON object")
    if document.get("version") != VERSION:
        raise UnreadableJobError(f"not a job of version {VERSION}")
    return document


def _job(document: Mapping[str, Any]) -> Job:
    fields = {name: value for name, value in document.items() if name != "version"}
    try:
        attempts = tuple(Attempt(**each) for each in fields.pop("attempts", ()))
        job = Job(**fields, attempts=attempts)
    except (ValueError, TypeError) as error:
        raise UnreadableJobError(f"not a job: {error}") from error
    if any(type(getattr(job, name)) is not str for name in _TEXTS) or job.trigger not in get_args(Trigger):
        raise UnreadableJobError("not a job: a text field is missing")
    if not all(_is_number(getattr(job, name)) for name in _NUMBERS):
        raise UnreadableJobError("not a job: a number field is missing")
    if not all(_is_attempt(attempt) for attempt in attempts):
        raise UnreadableJobError("not a job: an attempt is none")
    return job


_TEXTS = ("webhook_id", "endpoint", "event_id", "type", "key", "body", "traceparent", "trigger")
_NUMBERS = ("sequence", "event_time", "begun", "not_before", "attempted")


def _is_attempt(attempt: Attempt) -> bool:
    texts = (attempt.result, attempt.detail, attempt.answer)
    return (
        all(isinstance(text, str) for text in texts)
        and _is_number(attempt.at)
        and _is_number(attempt.seconds)
        and (attempt.status is None or type(attempt.status) is int)
    )


def _is_number(value: object) -> bool:
    # JSON of Python knows NaN and infinity, and integers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
