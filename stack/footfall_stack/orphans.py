"""Finds and ends what a stack left behind: children of a killed supervisor, grandchildren of a killed process.

Each process is started with its data directory and its name in the environment and hands both on to its children. A
look at the environment of a live process therefore says whose it is; a list of pids in a file could not: it misses
grandchildren, and a pid is given to a stranger after a reboot.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

DATA_DIR = "FOOTFALL_SUPERVISED_IN"
NAME = "FOOTFALL_PROCESS"
KILLED_WITHIN = 5.0


def mark(data: Path, name: str) -> dict[str, str]:
    """Return the variables that mark a process as ours."""
    return {DATA_DIR: str(data), NAME: name}


def find(data: Path, name: str | None = None) -> dict[int, str]:
    """Return pid and name of every live process of the stack in this data directory."""
    return {process.pid: found for process, found in _marked(data) if name in {None, found}}


def end(data: Path, name: str | None = None, grace: float = 20.0) -> list[str]:
    """End those processes, by force after the grace period, and return their names."""
    found = [(process, owner) for process, owner in _marked(data) if name in {None, owner}]
    processes = [process for process, _ in found]
    for process in processes:
        _signal(process, force=False)
    for process in _wait(processes, grace):
        _signal(process, force=True)
    _wait(processes, KILLED_WITHIN)
    return sorted({owner for _, owner in found})


def _marked(data: Path) -> Iterator[tuple[psutil.Process, str]]:
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if environment.get(DATA_DIR) == str(data) and process.pid != os.getpid():
            yield process, environment.get(NAME, "?")


def _wait(processes: list[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Wait for their end; return those that still run."""
    deadline = time.monotonic() + timeout
    while (alive := [process for process in processes if _is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive


def _is_alive(process: psutil.Process) -> bool:
    # Orphans belong to init, and not every container's init collects its dead soon.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, *, force: bool) -> None:
    try:
        if force:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass
