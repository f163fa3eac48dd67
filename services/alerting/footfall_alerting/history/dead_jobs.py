"""Which jobs are dead and can be brought back. Pure: records are handed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from footfall_health.ask.messages import RawMessage

from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.job import Job, decode_job, decode_message

MOST = 10_000
"""Jobs that are brought back by one request, at most."""
_SOURCE_PARTITION = "source-partition"


@dataclass(frozen=True)
class DeadJob:
    """A job that was given up."""

    partition: int
    """That of the job."""
    job: Job
    at: float
    """When it was given up, epoch seconds."""


def alive_since(records: Iterable[RawMessage], endpoint: str) -> dict[str, float]:
    """Return when each webhook of an endpoint that is not dead now was last heard of.

    Args:
        records: Of the topic of messages, those of each partition in order.
        endpoint: Its id.
    """
    states: dict[str, float] = {}
    mark = f'"endpoint":"{endpoint}"'.encode()
    for record in records:
        if record.value is None or mark not in record.value:
            continue
        try:
            message = decode_message(record.value)
        except UnreadableJobError:
            continue
        if message.job.endpoint != endpoint:
            continue
        if message.status == "dead":
            states.pop(message.job.webhook_id, None)
        else:
            states[message.job.webhook_id] = message.updated
    return states


def dead_jobs(
    records: Iterable[RawMessage], endpoint: str, alive: Mapping[str, float], until: float, most: int = MOST
) -> tuple[list[DeadJob], float | None]:
    """Return an endpoint's jobs that were given up and are still dead, and up to when that was looked for if not to the end.

    Args:
        records: Of the topic of dead letters, in order.
        endpoint: Its id.
        alive: Webhooks that were sent again since, with when they were last heard of.
        until: Epoch seconds; what was given up later is left alone.
        most: How many to return at most.
    """
    found: dict[str, DeadJob] = {}
    for record in records:
        at = (record.millis or 0) / 1000
        dead = _dead_job(record, at)
        if dead is None or dead.job.endpoint != endpoint or at > until:
            continue
        webhook_id = dead.job.webhook_id
        if alive.get(webhook_id, 0.0) > at:
            found.pop(webhook_id, None)
            continue
        if len(found) >= most and webhook_id not in found:
            return list(found.values()), at
        found[webhook_id] = dead
    return list(found.values()), None


def _dead_job(record: RawMessage, at: float) -> DeadJob | None:
    partition = (dict(record.headers).get(_SOURCE_PARTITION) or b"").decode(errors="replace")
    try:
        return DeadJob(int(partition), decode_job(record.value), at)
    except (UnreadableJobError, ValueError):
        # What could not be read in the first place, or is too large for a dead letter.
        return None
