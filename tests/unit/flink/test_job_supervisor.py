"""What the supervisor does, by the state of the cluster; and which snapshot it goes on from."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from footfall_analytics.compiling.submission import reasons
from footfall_analytics.planning.script import Script
from footfall_analytics.running.job_supervisor import JobSupervisor, decide, is_unfit
from footfall_analytics.running.rest import FlinkRest, FlinkUnavailableError, Job
from footfall_analytics.running.snapshots import (
    StateLostError,
    forget,
    keep_only,
    newest_snapshot,
    plan_file,
    plan_of,
    restore_point,
)
from footfall_analytics.settings import AnalyticsSettings


def job(state: str, number: int = 1, running: int = 4) -> Job:
    started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return Job(str(number), "footfall", state, started, running, 4)


@pytest.mark.parametrize(
    ("jobs", "free_slots", "expected"),
    [
        ([], 2, "submit"),
        ([], 1, "wait"),
        ([job("FAILED"), job("CANCELED", 2)], 2, "submit"),
        ([job("FINISHED"), job("RUNNING", 2)], 2, "watch"),
        ([job("RESTARTING")], 4, "watch"),
        ([job("CANCELLING")], 4, "watch"),
        ([job("RUNNING"), job("INITIALIZING", 2)], 0, "cancel_newer"),
    ],
)
def test_exactly_one_job_is_wanted(jobs: list[Job], free_slots: int, expected: str) -> None:
    assert decide(jobs, free_slots=free_slots, needed_slots=2) == expected


def test_a_job_is_up_when_every_task_runs() -> None:
    assert job("RUNNING").is_up
    assert not job("RUNNING", running=3).is_up
    assert not job("RESTARTING").is_up


def snapshot(folder: Path, *, age: int, complete: bool = True) -> Path:
    folder.mkdir(parents=True)
    if complete:
        (folder / "_metadata").write_bytes(b"whole")
        moment = datetime(2026, 1, 1, tzinfo=UTC).timestamp() - age
        os.utime(folder / "_metadata", (moment, moment))
    return folder


def test_the_newest_complete_snapshot_wins_whatever_its_kind(tmp_path: Path) -> None:
    snapshot(tmp_path / "checkpoints" / "a" / "chk-7", age=50)
    savepoint = snapshot(tmp_path / "savepoints" / "savepoint-x", age=20)
    snapshot(tmp_path / "checkpoints" / "b" / "chk-1", age=0, complete=False)

    assert newest_snapshot(tmp_path) == savepoint


def test_there_is_none_at_first(tmp_path: Path) -> None:
    assert newest_snapshot(tmp_path) is None


def test_an_empty_metadata_file_is_no_snapshot(tmp_path: Path) -> None:
    whole = snapshot(tmp_path / "checkpoints" / "a" / "chk-7", age=50)
    torn = snapshot(tmp_path / "checkpoints" / "a" / "chk-8", age=1)
    (torn / "_metadata").write_bytes(b"")

    assert restore_point(tmp_path) == whole


def test_a_job_that_has_committed_never_starts_from_nothing(tmp_path: Path) -> None:
    snapshot(tmp_path / "checkpoints" / "own" / "chk-1", age=0)
    keep_only(tmp_path, "own")
    (tmp_path / "checkpoints" / "own" / "chk-1" / "_metadata").unlink()

    with pytest.raises(StateLostError, match="reset-state"):
        restore_point(tmp_path)

    forget(tmp_path)
    assert restore_point(tmp_path) is None


def test_keeping_leaves_the_jobs_own_checkpoints_and_plan_only(tmp_path: Path) -> None:
    own = snapshot(tmp_path / "checkpoints" / "own" / "chk-3", age=0)
    snapshot(tmp_path / "checkpoints" / "old" / "chk-9", age=5)
    snapshot(tmp_path / "savepoints" / "savepoint-x", age=9)
    for name in ("own", "old"):
        plan_file(tmp_path, name).parent.mkdir(exist_ok=True)
        plan_file(tmp_path, name).touch()

    keep_only(tmp_path, "own")

    assert newest_snapshot(tmp_path) == own
    assert not (tmp_path / "checkpoints" / "old").exists()
    assert not list((tmp_path / "savepoints").iterdir())
    assert list((tmp_path / "plans").iterdir()) == [plan_file(tmp_path, "own")]


@pytest.mark.parametrize("name", ["checkpoints/0a1b2c3d4e5f/chk-7", "savepoints/savepoint-0a1b2c-99aabbccddee"])
def test_a_snapshot_leads_to_the_plan_of_its_job(tmp_path: Path, name: str) -> None:
    plan = plan_file(tmp_path, "0a1b2c3d4e5f")
    assert plan_of(tmp_path, tmp_path / name) is None

    plan.parent.mkdir()
    plan.touch()
    plan_file(tmp_path, "ffffffffffff").touch()

    assert plan_of(tmp_path, tmp_path / name) == plan


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            "java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint file:/x. Cannot map checkpoint",
            True,
        ),
        ("Caused by: org.apache.flink.util.StateMigrationException: The new state serializer", True),
        ("Could not restore keyed state backend for W from any of the 1 provided restore options.", True),
        ("java.io.FileNotFoundException: /x/checkpoints/chk-3/_metadata (No such file)", True),
        ("org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException: too few slots", False),
        ("java.util.concurrent.TimeoutException: Heartbeat of TaskManager timed out", False),
        ("", False),
    ],
)
def test_state_that_cannot_be_taken_over_is_told_from_other_failures(reason: str, *, expected: bool) -> None:
    assert is_unfit(reason) == expected


def test_reasons_are_the_causes_without_frames() -> None:
    trace = """Traceback (most recent call last):
  File "submit.py", line 1, in main
pyflink.util.exceptions.TableException: org.apache.flink.table.api.TableException: no plan
\tat org.apache.flink.Planner.plan(Planner.java:1)
Caused by: java.lang.IllegalStateException: too few slots
\tat java.base/java.lang.Thread.run(Thread.java:840)
"""

    assert reasons(trace).splitlines() == [
        "pyflink.util.exceptions.TableException: org.apache.flink.table.api.TableException: no plan",
        "Caused by: java.lang.IllegalStateException: too few slots",
    ]


def test_without_causes_the_end_of_the_output_is_told() -> None:
    assert reasons("killed") == "killed"


class Cluster:
    """A cluster that accepts every job and can be made to forget them."""

    def __init__(self) -> None:
        self.known: list[Job] = []
        self.answers = True

    def jobs(self, _name: str) -> list[Job]:
        if not self.answers:
            raise FlinkUnavailableError("away")
        return self.known

    def free_slots(self) -> int:
        return 2

    def completed_checkpoints(self, _job: str) -> int:
        return 0

    def checkpoint_config(self, _job: str) -> dict[str, object]:
        return {"mode": "exactly_once", "interval": 1000.0}


class Accepted:
    """A submission that only says which plan it would have written."""

    def __init__(
        self,
        _settings: object,
        _script: object,
        plan: Path,
        *,
        before: Path | None,
        restore: Path | None,  # noqa: ARG002
        job_id: str,
    ) -> None:
        self.id = job_id
        assert plan != before, "the plan of the state would be overwritten before it is read"
        plan.parent.mkdir(parents=True, exist_ok=True)
        plan.touch()

    def execute(self) -> str:
        return self.id

    def discard(self) -> None:
        pass


def test_a_jobmanager_that_forgets_the_job_gets_one_with_a_new_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall_analytics.running.job_supervisor.Submission", Accepted)
    settings = AnalyticsSettings(FOOTFALL_DATA_DIR=tmp_path)
    cluster = Cluster()
    supervisor = JobSupervisor(settings, Script({}, {}, {}), cast(FlinkRest, cluster))
    submitted = []
    for _ in range(2):
        supervisor._step()
        submitted.append(supervisor._job_id)
        cluster.known = [replace(job("RUNNING"), id=supervisor._job_id)]
        snapshot(settings.state_dir / "checkpoints" / supervisor._job_id / "chk-3", age=-len(submitted))
        supervisor._step()
        cluster.known = []

    assert len(set(submitted)) == 2


def test_a_job_that_was_never_seen_keeps_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall_analytics.running.job_supervisor.Submission", Accepted)
    settings = AnalyticsSettings(FOOTFALL_DATA_DIR=tmp_path)
    supervisor = JobSupervisor(settings, Script({}, {}, {}), cast(FlinkRest, Cluster()))
    supervisor._step()
    first = supervisor._job_id
    supervisor._step()

    assert supervisor._job_id == first


def test_the_job_is_planned_while_the_cluster_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall_analytics.running.job_supervisor.Submission", Accepted)
    monkeypatch.setattr("footfall_analytics.running.job_supervisor.POLL", 0.0)
    settings = AnalyticsSettings(FOOTFALL_DATA_DIR=tmp_path)
    cluster = Cluster()
    supervisor = JobSupervisor(settings, Script({}, {}, {}), cast(FlinkRest, cluster))
    supervisor._step()
    first = supervisor._job_id
    cluster.known = [replace(job("RUNNING"), id=first)]
    supervisor._step()
    cluster.answers, planned = False, []

    def silent(_seconds: float) -> None:
        planned.append(supervisor._submission)
        if len(planned) == 5:
            supervisor.stopping.set()

    monkeypatch.setattr(supervisor.stopping, "wait", silent)
    supervisor.run()

    assert [submission is not None for submission in planned] == [False, False, True, True, True]
    assert len({id(submission) for submission in planned[2:]}) == 1
    assert cast(Accepted, planned[-1]).id != first
