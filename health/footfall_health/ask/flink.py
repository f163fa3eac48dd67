"""Asks Flink's REST API."""

import re
import time
from collections import defaultdict
from typing import Any
from urllib.parse import quote

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.http import Server
from footfall_health.observed import Cluster, Failure, Job, Source
from footfall_health.watched import Watched

REFRESHED_WITHIN = 0.4
"""Seconds that the JobManager takes to fetch metrics: it does so when it is asked, and answers with those it had before."""
STALE = 20.0
"""Seconds after which what a source has said is not true any more; Flink fetches every ten."""
NONE = -(1 << 63)
_TABLE = re.compile(r"Source: \S+default_database\.(\w+)")
_SINK = re.compile(r"(\w+)_sink\[\d+\]: Writer")
_METRIC = re.compile(r"(\d+)\.Source__[\w-]+\.(?:\w+\.)*(\w+)")
_WANTED = (
    "watermarks.partitionsHolding",
    "watermarks.partitionsQuiet",
    "watermarks.partitionsBehindOpenTransactions",
    "watermarks.slowestPartition",
    "watermarks.slowestWatermark",
    "watermarks.toldAt",
    "schemaIdAwaited",
    "schemaIdAwaitedSince",
)
_OWN_WATERMARK = re.compile(r"\d+\.Source__[\w-]+\.currentOutputWatermark")


def ask(watched: Watched, deadline: Deadline) -> Cluster:
    """Return the cluster and the newest job of each name.

    Raises:
        NoAnswerError: Flink does not answer.
    """
    with Server(watched.flink, deadline) as flink:
        overview = flink.document("/overview")
        by_name = defaultdict(list)
        for each in flink.document("/jobs/overview")["jobs"]:
            by_name[each["name"]].append(each)
        jobs = [_job(flink, by_name[name], watched, deadline) for name in watched.jobs if name in by_name]
        return Cluster(overview["taskmanagers"], tuple(jobs))


def _job(flink: Server, runs: list[dict[str, Any]], watched: Watched, deadline: Deadline) -> Job:
    runs.sort(key=lambda run: run["start-time"])
    newest = runs[-1]
    path = f"/jobs/{newest['jid']}"
    checkpoints = flink.document(f"{path}/checkpoints")
    # What the supervisor has had to submit again counts like what Flink has started again.
    ends = [(run, run["end-time"] / 1000) for run in runs if run["state"] == "FAILED"]
    failures = [failure for run, _ in ends for failure in _failures(flink, f"/jobs/{run['jid']}")[:1]]
    if newest["state"] != "FAILED":
        failures += _failures(flink, path)
    vertices = flink.document(path)["vertices"] if newest["tasks"]["running"] else []
    tables = _tables(vertices, path)
    return Job(
        id=newest["jid"],
        name=newest["name"],
        state=newest["state"],
        started=newest["start-time"] / 1000,
        running=newest["tasks"]["running"],
        total=newest["tasks"]["total"],
        failures=tuple(sorted(failures, key=lambda failure: -failure.at)),
        completed=_completed(checkpoints),
        failed_checkpoint=_failed(checkpoints),
        reads=frozenset(table for table, _ in tables),
        writes=frozenset(view for each in vertices for view in _SINK.findall(each["name"])),
        sources=_sources(flink, _telling(tables, watched), set(watched.inputs.values()), deadline),
    )


def _failures(flink: Server, path: str) -> list[Failure]:
    entries = flink.document(f"{path}/exceptions")["exceptionHistory"]["entries"]
    return [Failure(entry["timestamp"] / 1000, root_of(entry["stacktrace"])) for entry in entries]


def root_of(stacktrace: str) -> str:
    """Return the innermost cause of a Java stack trace in one line, without the name of its package."""
    lines = [line.strip() for line in stacktrace.splitlines()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    cause = (causes or lines or ["no reason"])[-1 if causes else 0]
    return re.sub(r"^(?:[\w$]+\.)+(?=[A-Z])", "", cause)[:300]


def _completed(checkpoints: dict[str, Any]) -> float | None:
    latest = checkpoints["latest"]
    if latest["completed"]:
        return float(latest["completed"]["latest_ack_timestamp"]) / 1000
    # It goes on from there: nothing older has been lost, nothing newer been written.
    return float(latest["restored"]["restore_timestamp"]) / 1000 if latest["restored"] else None


def _failed(checkpoints: dict[str, Any]) -> Failure | None:
    failed = checkpoints["latest"]["failed"]
    if not failed:
        return None
    return Failure(failed["failure_timestamp"] / 1000, root_of(failed.get("failure_message") or "no reason"))


def _tables(vertices: list[dict[str, Any]], path: str) -> list[tuple[str, str]]:
    """Return each table that a job reads, and where its metrics are."""
    named = [(match[1], each["id"]) for each in vertices if (match := _TABLE.match(each["name"]))]
    return [(table, f"{path}/vertices/{vertex}/metrics") for table, vertex in named]


def _telling(tables: list[tuple[str, str]], watched: Watched) -> list[tuple[str, str]]:
    """Return those whose sources say how far they have come: for any other one we would wait in vain."""
    known = {*watched.inputs.values(), *watched.versions.values()}
    return [table for table in tables if table[0] in known]


def _sources(flink: Server, tables: list[tuple[str, str]], first: set[str], deadline: Deadline) -> tuple[Source, ...]:
    """Ask every source, the most important tables' first: time may not suffice for all."""
    wanted = sorted(tables, key=lambda table: table[0] not in first)
    if not wanted:
        return ()
    flink.document(wanted[0][1])
    while True:
        time.sleep(REFRESHED_WITHIN)
        found = [source_of(table, _metrics(flink, metrics)) for table, metrics in wanted]
        fresh = tuple(source for source in found if time.time() - source.told_at < STALE)
        # On a busy machine it takes longer.
        if len(fresh) == len(found) or deadline.left() < 2 * REFRESHED_WITHIN:
            return fresh


def _metrics(flink: Server, path: str) -> dict[str, str]:
    try:
        names = [each["id"] for each in flink.document(path)]
        wanted = [name for name in names if name.endswith(_WANTED) or _OWN_WATERMARK.fullmatch(name)]
        answers = flink.document(f"{path}?get={quote(','.join(wanted))}") if wanted else []
    except NoAnswerError:
        return {}
    return {each["id"]: each["value"] for each in answers}


def source_of(table: str, values: dict[str, str]) -> Source:
    """Return what a source's subtasks say together.

    Args:
        table: The table that it is behind.
        values: Each metric as Flink names it, its subtask's number first.
    """
    subtasks: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for name, value in values.items():
        if match := _METRIC.fullmatch(name):
            subtasks[int(match[1])][match[2]] = value

    def total(name: str) -> int:
        return sum(int(each.get(name, 0)) for each in subtasks.values())

    watermarks = [int(each["currentOutputWatermark"]) for each in subtasks.values() if "currentOutputWatermark" in each]
    slow = [
        (int(each["slowestWatermark"]), each["slowestPartition"])
        for each in subtasks.values()
        if each.get("slowestPartition") and "slowestWatermark" in each
    ]
    awaited = {
        int(each["schemaIdAwaited"]): int(each["schemaIdAwaitedSince"]) / 1000
        for each in subtasks.values()
        if int(each.get("schemaIdAwaited", -1)) >= 0 and int(each.get("schemaIdAwaitedSince", 0)) > 0
    }
    lowest = min(watermarks, default=NONE)
    return Source(
        table=table,
        watermark=lowest / 1000 if lowest > NONE else None,
        slowest=min(slow)[1] if slow else "",
        holding=total("partitionsHolding"),
        quiet=total("partitionsQuiet"),
        behind_open_transactions=total("partitionsBehindOpenTransactions"),
        awaited=awaited,
        told_at=min((int(each.get("toldAt", 0)) for each in subtasks.values()), default=0) / 1000,
    )
