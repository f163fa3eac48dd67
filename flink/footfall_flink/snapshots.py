"""Checkpoints and savepoints on disk: find the newest complete one, delete what is out of date."""

import shutil
from pathlib import Path


def newest_snapshot(state_dir: Path) -> Path | None:
    """Return the newest complete checkpoint or savepoint; Flink writes `_metadata` last."""
    complete = _complete(state_dir)
    return max(complete, key=lambda folder: (folder / "_metadata").stat().st_mtime_ns, default=None)


def prune_snapshots(state_dir: Path, job_id: str) -> list[Path]:
    """Delete every checkpoint and savepoint that is not the job's own; return what was deleted.

    Call it when the job has completed a checkpoint of its own, which holds all that the older ones held.
    """
    own = state_dir / "checkpoints" / job_id
    folders = [path for kind in ("checkpoints", "savepoints") for path in (state_dir / kind).glob("*") if path != own]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return folders


def _complete(state_dir: Path) -> list[Path]:
    found = [*(state_dir / "checkpoints").glob("*/chk-*/_metadata"), *(state_dir / "savepoints").glob("*/_metadata")]
    return [path.parent for path in found]
