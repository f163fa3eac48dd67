"""The job's state on disk: checkpoints and savepoints, the plan that each belongs to, and whether there must be one."""

import shutil
from pathlib import Path

from footfall_schemas.errors import PermanentError

FOLDERS = ("checkpoints", "savepoints", "plans")
COMMITTED = "committed"
"""File that is there once the job has completed a checkpoint: results are out, so it must not start from nothing."""
_PREFIX = 6
"""Characters of a job's id in the name of its savepoint."""


class StateLostError(PermanentError):
    """There was state and none of it is left; the message names the cure."""


def restore_point(state_dir: Path) -> Path | None:
    """Return what the job goes on from; None when it has never committed anything.

    A checkpoint counts when it is complete: Flink puts `_metadata` in its place last. The newest is the only right one. What
    came after an older one is committed and would be written again.

    Raises:
        StateLostError: The job has committed results, and no snapshot is left.
    """
    newest = newest_snapshot(state_dir)
    if newest is None and (state_dir / COMMITTED).exists():
        raise StateLostError(
            f"{state_dir}: the job has run before, but there is no complete checkpoint or savepoint of it. "
            f"Restore them. Or run `footfall reset-state` to start from scratch: the job reads every topic again, and it "
            f"would write duplicates of everything it has committed."
        )
    return newest


def newest_snapshot(state_dir: Path) -> Path | None:
    """Return the newest complete checkpoint or savepoint."""
    complete = _complete(state_dir)
    return max(complete, key=lambda folder: (folder / "_metadata").stat().st_mtime_ns, default=None)


def plan_file(state_dir: Path, job_id: str) -> Path:
    """Return where the plan of a job is kept."""
    return state_dir / "plans" / f"{job_id}.json"


def plan_of(state_dir: Path, snapshot: Path) -> Path | None:
    """Return the plan of the job that wrote the snapshot; None if it is not there."""
    is_savepoint = snapshot.name.startswith("savepoint-")
    job_id = snapshot.name.split("-")[1][:_PREFIX] if is_savepoint else snapshot.parent.name
    return next(iter(sorted((state_dir / "plans").glob(f"{job_id}*.json"))), None)


def keep_only(state_dir: Path, job_id: str) -> None:
    """Delete every checkpoint, savepoint and plan that is not the job's own.

    Call it when the job has completed a checkpoint of its own, which holds all that the older ones held.
    """
    (state_dir / COMMITTED).touch()
    own = {state_dir / "checkpoints" / job_id, plan_file(state_dir, job_id)}
    for path in [path for kind in FOLDERS for path in (state_dir / kind).glob("*") if path not in own]:
        _delete(path)


def forget(state_dir: Path) -> None:
    """Delete all state: the job will start from nothing."""
    for kind in FOLDERS:
        _delete(state_dir / kind)
    (state_dir / COMMITTED).unlink(missing_ok=True)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _complete(state_dir: Path) -> list[Path]:
    found = [*(state_dir / "checkpoints").glob("*/chk-*/_metadata"), *(state_dir / "savepoints").glob("*/_metadata")]
    return [path.parent for path in found if path.stat().st_size]
