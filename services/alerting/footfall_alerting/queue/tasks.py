"""Tasks that nobody waits for: they are known while they run, and told of when they fail."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Tasks:
    """Some tasks that run."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[asyncio.Task[None]]:
        return iter(list(self._running))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run this beside everything else."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        tell_of(task)


def tell_of(task: asyncio.Task[None]) -> None:
    """Write to the log what a task that has ended has raised, if anything."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a job was left in hand", exc_info=error)
