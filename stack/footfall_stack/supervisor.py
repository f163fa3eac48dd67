"""Runs a set of processes: starts them in the order of their needs, keeps them alive, ends dependants first."""

import asyncio
import signal
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from footfall_stack import logs, orphans
from footfall_stack.console import ProgressPrinter
from footfall_stack.model import Process
from footfall_stack.paths import Layout
from footfall_stack.process_supervisor import GaveUpError, ProcessSupervisor
from footfall_stack.restarts import RestartPolicy
from footfall_stack.selection import dependants
from footfall_stack.state import StatusFile

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHORTEN_EVERY = 5.0
LAST_LINES = 20


class Supervisor:
    """One run of a stack.

    Args:
        processes: What to run; what they need and is not among them is taken to run elsewhere.
        env: Environment of every process, before its own variables.
        layout: The data directory; the caller holds its lock.
        progress: Where to say what happens.
        policy: When to start a process again.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        env: Mapping[str, str],
        layout: Layout,
        progress: ProgressPrinter,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._layout = layout
        self._progress = progress
        self._status_file = StatusFile(layout.state, processes)
        policy = policy or RestartPolicy()
        self._supervisors = {
            process.name: ProcessSupervisor(
                process, env=env, layout=layout, status_file=self._status_file, progress=progress, policy=policy
            )
            for process in processes
        }
        self._stop_asked = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> int:
        """Run until a signal asks to stop or a process cannot be kept alive; return the exit status."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stop)
        self._progress.starting(list(self._supervisors))
        tasks = [asyncio.create_task(task) for task in (self._announce(), self._shorten_logs(), *self._keep())]
        try:
            await self._until_asked(tasks)
        except GaveUpError as error:
            self._progress.gave_up(str(error), logs.tail(self._layout.log(error.name), LAST_LINES))
            return 1
        else:
            return 0
        finally:
            await self._end(tasks)

    def stop(self) -> None:
        """Ask for the end; asking twice kills what still runs."""
        if self._stop_asked.is_set():
            self._hurry.set()
        self._stop_asked.set()

    def _keep(self) -> list[Coroutine[Any, Any, None]]:
        return [
            supervisor.run([self._supervisors[name] for name in supervisor.process.needs if name in self._supervisors])
            for supervisor in self._supervisors.values()
        ]

    async def _announce(self) -> None:
        started = time.monotonic()
        for supervisor in self._supervisors.values():
            await supervisor.ready.wait()
        self._status_file.enter("ready")
        self._progress.all_ready(
            time.monotonic() - started, [supervisor.process for supervisor in self._supervisors.values()]
        )

    async def _shorten_logs(self) -> None:
        while True:
            await asyncio.sleep(SHORTEN_EVERY)
            for name in self._supervisors:
                await asyncio.to_thread(logs.shorten, self._layout.log(name))

    async def _until_asked(self, tasks: "list[asyncio.Task[None]]") -> None:
        asked = asyncio.create_task(self._wait_for_stop())
        tasks.append(asked)
        pending = set(tasks)
        while asked in pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    async def _wait_for_stop(self) -> None:
        await self._stop_asked.wait()

    async def _end(self, tasks: "list[asyncio.Task[None]]") -> None:
        started = time.monotonic()
        self._status_file.enter("stopping")
        self._progress.stopping()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end_processes()
        # Whatever moved to a session of its own, and a preparation that was under way.
        await asyncio.to_thread(orphans.end, self._layout.data, grace=5)
        self._status_file.close()
        self._progress.stopped(time.monotonic() - started)

    async def _end_processes(self) -> None:
        needed_by = dependants([supervisor.process for supervisor in self._supervisors.values()])
        ended = {name: asyncio.Event() for name in self._supervisors}

        async def end(name: str) -> None:
            for other in needed_by[name]:
                await ended[other].wait()
            await self._supervisors[name].stop(self._hurry)
            ended[name].set()

        await asyncio.gather(*(end(name) for name in self._supervisors))
