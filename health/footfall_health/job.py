"""Facts of Flink, its jobs and their checkpoints. Pure."""

from collections.abc import Iterable, Iterator

from footfall_health.facts import Fact, Level, graded, spell
from footfall_health.observed import Cluster, Failure, Job, Silence
from footfall_health.watched import Watched

RESTARTS = 3
"""So many within a while are wrong: the job does not come out of it by itself."""
DEPLOYED_WITHIN = 120.0
"""Seconds from a job's start to the moment when every task runs."""
LOOK = "docs/operations.md#the-job-restarts"


def facts_of_flink(found: Cluster | Silence, watched: Watched, at: float) -> Iterator[Fact]:
    """Yield what holds for the cluster, then for each job."""
    if isinstance(found, Silence):
        yield Fact(
            "flink",
            "",
            "wrong",
            f"the JobManager at {watched.flink} does not answer: {found.reason}",
            "see `footfall logs jobmanager`; the job resumes from its newest checkpoint",
        )
        return
    yield _taskmanagers(found)
    for name, interval in watched.jobs.items():
        job = next((job for job in found.jobs if job.name == name), None)
        yield _state(name, job, at)
        if job is not None:
            yield _restarts(job, at, watched.limits.recent.total_seconds())
            yield _checkpoint(job, interval, at, watched.limits.checkpoint_age.total_seconds())


def _taskmanagers(cluster: Cluster) -> Fact:
    if cluster.taskmanagers:
        return Fact("taskmanagers", "", "ok", f"{cluster.taskmanagers} registered")
    return Fact(
        "taskmanagers",
        "",
        "wrong",
        "no TaskManager is running: nothing is computed",
        "start one; `footfall logs taskmanager` says why the last one ended",
    )


def _state(name: str, job: Job | None, at: float) -> Fact:
    if job is None:
        return Fact(
            "job", name, "wrong", "Flink has no such job", "see its supervisor's log (`footfall logs analytics`)"
        )
    since = max(job.started, job.failures[0].at if job.failures else 0.0)
    tasks = f"{job.running} of {job.total} tasks run"
    if job.state == "RUNNING" and job.running == job.total:
        return Fact("job", name, "ok", f"runs, {tasks}, for {spell(at - since)}")
    cause = _cause(job.failures[:1])
    if job.state in {"RUNNING", "CREATED", "INITIALIZING"}:
        level: Level = "wrong" if cause or at - since > DEPLOYED_WITHIN else "warning"
        return Fact("job", name, level, f"{tasks}{cause}", f"wait; if it stays so: {LOOK}", since)
    return Fact("job", name, "wrong", f"is {job.state}{cause}", LOOK, since)


def _restarts(job: Job, at: float, spoken_of: float) -> Fact:
    recent = [failure for failure in job.failures if at - failure.at <= spoken_of]
    if not recent:
        return Fact("restarts", job.name, "ok", f"none within {spell(spoken_of)}", value=0)
    level = graded(len(recent), warning=1, wrong=RESTARTS)
    detail = f"{len(recent)} within {spell(spoken_of)}, the last {spell(at - recent[0].at)} ago{_cause(recent[:1])}"
    return Fact("restarts", job.name, level, detail, LOOK, recent[-1].at, len(recent))


def _checkpoint(job: Job, interval: float, at: float, limit: float) -> Fact:
    reference = job.started if job.completed is None else job.completed
    age = at - reference
    failed = job.failed_checkpoint if job.failed_checkpoint and job.failed_checkpoint.at > reference else None
    level = graded(age, warning=max(limit / 4, 10 * interval), wrong=max(limit, 30 * interval))
    if failed and level == "ok":
        level = "warning"
    detail = (
        f"the newest is {spell(age)} old" if job.completed is not None else f"none since its start {spell(age)} ago"
    )
    if failed:
        detail += f"; one failed {spell(at - failed.at)} ago: {failed.cause}"
    cure = "" if level == "ok" else "results are written by checkpoints only: docs/operations.md#checkpoints-fail"
    return Fact("checkpoint", job.name, level, detail, cure, None if level == "ok" else reference, age)


def _cause(failures: Iterable[Failure]) -> str:
    return "".join(f": {failure.cause}" for failure in failures)
