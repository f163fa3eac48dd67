"""What a supervisor tells other programs about its processes: one JSON file, replaced whole at each change."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from footfall_stack.model import Process

Stage: TypeAlias = Literal["waiting", "starting", "ready", "restarting", "finished", "stopped"]
Phase: TypeAlias = Literal["starting", "ready", "stopping"]


@dataclass(frozen=True)
class Death:
    """How a process ended that was not asked to."""

    at: float
    """Epoch seconds."""
    cause: str


@dataclass(frozen=True)
class ProcessStatus:
    """One process as the supervisor sees it."""

    name: str
    stage: Stage = "waiting"
    pid: int | None = None
    since: float | None = None
    """When the present incarnation was started, in epoch seconds."""
    restarts: int = 0
    url: str = ""
    deaths: tuple[Death, ...] = ()
    """Its latest, the newest last."""


@dataclass(frozen=True)
class State:
    """A whole stack."""

    supervisor: int
    phase: Phase
    processes: tuple[ProcessStatus, ...]

    def process(self, name: str) -> ProcessStatus | None:
        """Return one process's status."""
        return next((status for status in self.processes if status.name == name), None)


class StatusFile:
    """The supervisor's notes; each change is written to the file."""

    def __init__(self, path: Path, processes: Iterable[Process]) -> None:
        self._path = path
        self._phase: Phase = "starting"
        self._statuses = {process.name: ProcessStatus(process.name, url=process.url) for process in processes}
        self._write()

    def __getitem__(self, name: str) -> ProcessStatus:
        return self._statuses[name]

    def note(self, name: str, **changes: Any) -> None:
        """Change one process's status."""
        self._statuses[name] = replace(self._statuses[name], **changes)
        self._write()

    def enter(self, phase: Phase) -> None:
        """Change the phase of the whole stack."""
        self._phase = phase
        self._write()

    def close(self) -> None:
        """Remove the file: nothing runs any more."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        state = State(os.getpid(), self._phase, tuple(self._statuses.values()))
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(asdict(state), indent=1))
        new.replace(self._path)


def read(path: Path) -> State | None:
    """Return what the file says; None when there is none, or it was cut short by a power failure."""
    try:
        document = json.loads(path.read_text())
        processes = tuple(map(_status, document["processes"]))
        return State(document["supervisor"], document["phase"], processes)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _status(found: dict[str, Any]) -> ProcessStatus:
    return ProcessStatus(**found | {"deaths": tuple(Death(**death) for death in found["deaths"])})
