"""The events that tell of an endpoint's standing. Pure: two workers that see the same say the same under the same id."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from footfall_alerting.events import Event
from footfall_alerting.job import Job
from footfall_alerting.policy import Outcome
from footfall_alerting.standing.state import Standing, percents_to_tell

LONGEST_PAYLOAD = 8000
"""Characters of the last payload that are told: an event must fit into a webhook itself."""


def events_of(
    endpoint: str, before: Standing, after: Standing, outcome: Outcome, job: Job, *, now: float, disable_after: float
) -> list[Event]:
    """Return what is worth telling about a change, which an outcome of a job has brought.

    Args:
        endpoint: Its id.
        before: Its standing before the outcome.
        after: Its standing after it.
        outcome: How the attempt ended.
        job: What was attempted.
        now: Epoch seconds.
        disable_after: Seconds of failing until an endpoint is disabled.
    """
    last = {
        "event_type": job.type,
        "webhook_id": job.webhook_id,
        "last_payload": _payload(job.body),
        "last_answer": {"status": outcome.status, "detail": outcome.detail, "body": outcome.answer},
    }
    failing_since = iso(after.failing_since) if after.failing_since else None
    found = []
    if percent := percents_to_tell(before, after):
        data = {
            "endpoint": endpoint,
            "percent": percent,
            "failing_since": failing_since,
            "disabled_at": iso(after.failing_since + disable_after),
            **last,
        }
        episode = f"{after.round}\n{after.failing_since:.3f}\n{percent}"
        found.append(_event(endpoint, "endpoint.failing", episode, data, now))
    if after.is_disabled and not before.is_disabled:
        data = {
            "endpoint": endpoint,
            "reason": after.reason,
            "disabled_at": iso(after.since),
            "failing_since": failing_since,
            **last,
        }
        found.append(_event(endpoint, "endpoint.disabled", str(after.round), data, now))
    return found


def iso(seconds: float) -> str:
    """Return epoch seconds as payloads have times: UTC, milliseconds, `Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(endpoint: str, type_: str, episode: str, data: dict[str, Any], now: float) -> Event:
    digest = hashlib.sha256(f"{endpoint}\n{type_}\n{episode}".encode()).hexdigest()[:32]
    return Event(
        id=f"evt_{digest}",
        type=type_,
        time=datetime.fromtimestamp(now, UTC),
        key=endpoint,
        data=data,
        product=None,
        category=None,
        warehouse=None,
        severity="critical" if type_ == "endpoint.disabled" else "warning",
        sequence=0,
    )


def _payload(body: str) -> Any:
    """Return a payload as JSON; as the beginning of its text if it is long."""
    if len(body) > LONGEST_PAYLOAD:
        return body[:LONGEST_PAYLOAD]
    try:
        return json.loads(body)
    except ValueError:
        return body
