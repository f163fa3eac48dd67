"""How far a job's results are final and can be read, and when that may be said. Pure.

A watermark is sampled. What it closes is final when a checkpoint that was triggered after it is complete, and can be read
when that checkpoint's transactions are committed. A claim may be old, but never false: what is in doubt is not claimed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from footfall_schemas.topics import Json

SETTLED = 5.0
"""Seconds that a run has been seen for before it is believed: Flink remembers what it was asked for up to three."""
SETTLED_AGAIN = 30.0
"""The same after a restart within Flink: it answers with the metrics of the attempt before until it has fetched others, which
it does every ten seconds."""
NO_WATERMARK = -(1 << 63)
_SOURCE = re.compile(r"Source: \S+default_database\.(\w+)")

Run: TypeAlias = tuple[str, int]
"""The job's id, and when it last took over a snapshot, in milliseconds of 1970; 0 is never."""


@dataclass(frozen=True)
class Checkpoint:
    """One that is complete; times are milliseconds of 1970 by the JobManager's clock."""

    id: int
    triggered_at: int
    completed_at: int


@dataclass(frozen=True)
class Checkpoints:
    """What the job says of them."""

    run: Run
    newest: Checkpoint | None
    reached: int
    """Id of the newest that the job's state holds, its own or the one it has taken over; 0 if there is none."""


@dataclass(frozen=True)
class Sample:
    """A watermark that a run had reached; both times are milliseconds of 1970."""

    run: Run
    watermark: int
    taken_at: int
    """By the JobManager's clock: the watermark had been reached then."""


@dataclass(frozen=True)
class Claim:
    """What is published; times are milliseconds of 1970."""

    watermark: int
    checkpoint_id: int
    completed_at: int


def checkpoints_of(job_id: str, document: Json) -> Checkpoints:
    """Read what Flink says of a job's checkpoints."""
    completed, restored = document["latest"]["completed"], document["latest"]["restored"]
    newest = completed and Checkpoint(
        completed["id"], completed["trigger_timestamp"], completed["latest_ack_timestamp"]
    )
    return Checkpoints(
        run=(job_id, restored["restore_timestamp"] if restored else 0),
        newest=newest,
        reached=max(newest.id if newest else 0, restored["id"] if restored else 0),
    )


def timed_vertices(details: Json, untimed: Collection[str]) -> dict[str, int]:
    """Return the vertices that have a watermark once the sources do, with the number of their subtasks.

    Sources have none, as Flink counts, and neither has what reads, directly or not, a table without event time.

    Args:
        details: What Flink says of the job.
        untimed: Names of the tables that have no event time.
    """
    names = {each["id"]: each["name"] for each in details["vertices"]}
    inputs = {node["id"]: {each["id"] for each in node.get("inputs", ())} for node in details["plan"]["nodes"]}
    without = {id_ for id_, name in names.items() if (found := _SOURCE.match(name)) and found[1] in untimed}
    while more := {id_ for id_, before in inputs.items() if before & without} - without:
        without |= more
    return {
        each["id"]: each["parallelism"]
        for each in details["vertices"]
        if inputs[each["id"]] and each["id"] not in without
    }


def has_restarted(details: Json) -> bool:
    """Tell whether Flink has started the job again since it was submitted.

    Args:
        details: What Flink says of the job.
    """
    return bool(details["timestamps"]["RESTARTING"])


def lowest(watermarks: Mapping[int, int], subtasks: int) -> int | None:
    """Return a vertex's lowest watermark, in milliseconds of 1970; None while a subtask has none.

    Args:
        watermarks: By subtask.
        subtasks: How many there are.
    """
    if len(watermarks) < subtasks or NO_WATERMARK in watermarks.values():
        return None
    return min(watermarks.values(), default=None)


def is_settled(found: Checkpoints, seen_for: float, *, has_restarted: bool) -> bool:
    """Tell whether what Flink says of a run's watermarks is of that run.

    Args:
        found: Its checkpoints.
        seen_for: Seconds since that run was first seen.
        has_restarted: Whether Flink has ever started the job again.
    """
    # Were it to restart before anything is complete, it would begin from nothing and the run would look the same.
    return found.reached > 0 and seen_for >= (SETTLED_AGAIN if has_restarted else SETTLED)


def claim(sample: Sample, found: Checkpoints) -> Claim | None:
    """Return what may be claimed when the newest checkpoint's transactions are committed; None unless it covers the sample.

    What a checkpoint covers has gone through every operator before it: barriers do not overtake rows.
    """
    if found.run != sample.run or found.newest is None or found.newest.triggered_at <= sample.taken_at:
        return None
    return Claim(sample.watermark, found.newest.id, found.newest.completed_at)


def began_anew(claimed: Claim, found: Checkpoints) -> bool:
    """Tell whether the job goes on from state that is older than what was claimed of it, and will write that again."""
    return found.reached < claimed.checkpoint_id


def are_committed(ends: Mapping[Any, int], stable: Mapping[Any, int]) -> bool:
    """Tell whether readers of committed rows see all that was there.

    Args:
        ends: By partition, where it ended.
        stable: By partition, how far it can be read since.
    """
    return all(stable.get(place, -1) >= end for place, end in ends.items())
