"""Which jobs are dead and can be brought back. Pure: records are handed in."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from footfall_health.ask.messages import RawMessage

from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.job import Job, Message, decode_job, decode_message

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


def dead_jobs(
    records: Iterable[RawMessage], endpoint: str, until: float, most: int = MOST
) -> tuple[list[DeadJob], float | None]:
    """Return an endpoint's jobs that were given up, each once, and up to when that was looked for if not to the end.

    Args:
        records: Of the topic of dead letters, in order.
        endpoint: Its id.
        until: Epoch seconds; what was given up later is left alone.
        most: How many to return at most.
    """
    found: dict[str, DeadJob] = {}
    for record in records:
        at = (record.millis or 0) / 1000
        dead = _dead_job(record, at)
        if dead is None or dead.job.endpoint != endpoint or at > until:
            continue
        if len(found) >= most and dead.job.webhook_id not in found:
            return list(found.values()), at
        found[dead.job.webhook_id] = dead
    return list(found.values()), None


def still_dead(dead: Iterable[DeadJob], records: Iterable[RawMessage]) -> list[DeadJob]:
    """Return those that were not sent again since.

    Args:
        dead: Jobs that were given up.
        records: Of the topic of messages since the first of them was, those of each partition in order.
    """
    given_up = {each.job.webhook_id.encode(): each for each in dead}
    states: dict[bytes, Message] = {}
    for record in records:
        if record.key in given_up:
            with suppress(UnreadableJobError):
                states[record.key] = decode_message(record.value)
    return [each for key, each in given_up.items() if not _is_alive(states.get(key), each.at)]


def _is_alive(message: Message | None, given_up: float) -> bool:
    # Its last message may have been lost, and an older one says nothing.
    return message is not None and message.status != "dead" and message.updated > given_up


def _dead_job(record: RawMessage, at: float) -> DeadJob | None:
    partition = (dict(record.headers).get(_SOURCE_PARTITION) or b"").decode(errors="replace")
    try:
        return DeadJob(int(partition), decode_job(record.value), at)
    except (UnreadableJobError, ValueError):
        # What could not be read in the first place, or is too large for a dead letter.
        return None
