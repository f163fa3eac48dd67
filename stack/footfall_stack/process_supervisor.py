"""Keeps one process alive: starts it when what it needs is ready, watches it, starts it again when it ends."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from footfall_stack import logs, orphans
from footfall_stack.child import Child, describe_exit
from footfall_stack.console import ProgressPrinter
from footfall_stack.model import Process, StackError
from footfall_stack.paths import Layout
from footfall_stack.restarts import GiveUp, RestartPolicy
from footfall_stack.state import Death, StatusFile

PROBE_EVERY = 0.2
DEATHS_KEPT = 10


class GaveUpError(StackError):
    """A process cannot be kept alive; the run ends."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name


class ProcessSupervisor:
    """Keeps one process alive until it is cancelled and stopped."""

    def __init__(
        self,
        process: Process,
        *,
        env: Mapping[str, str],
        layout: Layout,
        status_file: StatusFile,
        progress: ProgressPrinter,
        policy: RestartPolicy,
    ) -> None:
        self.process = process
        self.ready = asyncio.Event()
        """Set when it was ready for the first time."""
        self._env = {**env, **process.env, **orphans.mark(layout.data, process.name)}
        self._layout = layout
        self._status_file = status_file
        self._progress = progress
        self._policy = policy
        self._child: Child | None = None
        self._was_late = False
        """Whether the last child was killed because it did not become ready."""
        self._deaths: list[float] = []

    async def run(self, needs: Iterable["ProcessSupervisor"]) -> None:
        """Start the process once those it needs are ready, and again whenever it ends; an eager one starts at once.

        Raises:
            GaveUpError: It does not become ready, or keeps ending.
        """
        for need in () if self.process.eager else needs:
            await need.ready.wait()
        while True:
            code = await self._live()
            if code == 0 and self.process.finite:
                self._note("finished", pid=None)
                self.ready.set()
                return
            await self._pause(self._late() if self._was_late else describe_exit(code))

    async def stop(self, hurry: asyncio.Event) -> None:
        """End the process if it runs."""
        if self._child is not None:
            await self._child.end(self.process.grace, hurry)
        self._note("stopped", pid=None)

    async def _live(self) -> int:
        await asyncio.to_thread(self._prepare)
        started = time.time()
        log, home = self._layout.log(self.process.name), self._layout.home(self.process.name)
        self._child = child = Child.spawn(self.process, self._env, log, home)
        self._was_late = False
        self._note("starting", pid=child.pid, since=started)
        if await self._becomes_ready(child):
            self._progress.ready(self.process.name, time.time() - started)
            self._note("ready")
            self.ready.set()
        return await child.wait()

    def _prepare(self) -> None:
        # What the last incarnation started would hold its ports or its data.
        if self._child is not None:
            orphans.end(self._layout.data, self.process.name, grace=5)
        self.process.prepare()

    async def _becomes_ready(self, child: Child) -> bool:
        deadline = time.monotonic() + self.process.ready_within
        while child.exit_code is None:
            if await asyncio.to_thread(self.process.ready):
                return child.exit_code is None
            if time.monotonic() > deadline:
                child.kill()
                self._was_late = True
                self._fail_first_start()
                return False
            await asyncio.sleep(PROBE_EVERY)
        return False

    def _fail_first_start(self) -> None:
        if not self.ready.is_set():
            raise GaveUpError(self.process.name, self._late())

    def _late(self) -> str:
        return f"was not ready within {self.process.ready_within:.0f} s"

    async def _pause(self, how: str) -> None:
        now = time.monotonic()
        self._deaths.append(now)
        decision = self._policy.decide(self._deaths, now)
        if isinstance(decision, GiveUp):
            raise GaveUpError(
                self.process.name, f"ended {decision.deaths} times within {decision.window:.0f} s, last with {how}"
            )
        said = await asyncio.to_thread(logs.last_words, self._layout.log(self.process.name))
        death = Death(time.time(), f"{how}; it last wrote: {said}" if said else how)
        self._progress.ended(self.process.name, death.cause, decision.delay)
        status = self._status_file[self.process.name]
        self._note("restarting", pid=None, restarts=status.restarts + 1, deaths=(*status.deaths, death)[-DEATHS_KEPT:])
        await asyncio.sleep(decision.delay)

    def _note(self, stage: str, **changes: object) -> None:
        self._status_file.note(self.process.name, stage=stage, **changes)
