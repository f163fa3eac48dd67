"""Runs a set of processes: starts them in the order of their needs, keeps them alive, ends dependants first."""

import asyncio
import signal
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from footfall_stack import leftovers, logs
from footfall_stack.console import Reporter
from footfall_stack.keeper import GaveUpError, Keeper
from footfall_stack.model import Process
from footfall_stack.order import dependants
from footfall_stack.paths import Layout
from footfall_stack.restarts import RestartPolicy
from footfall_stack.state import Board

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SHORTEN_EVERY = 5.0
LAST_LINES = 20


class Supervisor:
    """One run of a stack.

    Args:
        processes: What to run; what they need and is not among them is taken to run elsewhere.
        env: Environment of every process, before its own variables.
        layout: The data directory; the caller holds its lock.
        reporter: Where to say what happens.
        policy: When to start a process again.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        env: Mapping[str, str],
        layout: Layout,
        reporter: Reporter,
        policy: RestartPolicy | None = None,
    ) -> None:
        self._layout = layout
        self._reporter = reporter
        self._board = Board(layout.state, processes)
        policy = policy or RestartPolicy()
        self._keepers = {
            process.name: Keeper(process, env=env, layout=layout, board=self._board, reporter=reporter, policy=policy)
            for process in processes
        }
        self._stop_asked = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self) -> int:
        """Run until a signal asks to stop or a process cannot be kept alive; return the exit status."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.stop)
        self._reporter.starting(list(self._keepers))
        tasks = [asyncio.create_task(task) for task in (self._announce(), self._shorten_logs(), *self._keep())]
        try:
            await self._until_asked(tasks)
        except GaveUpError as error:
            self._reporter.gave_up(str(error), logs.tail(self._layout.log(error.name), LAST_LINES))
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
            keeper.run([self._keepers[name] for name in keeper.process.needs if name in self._keepers])
            for keeper in self._keepers.values()
        ]

    async def _announce(self) -> None:
        started = time.monotonic()
        for keeper in self._keepers.values():
            await keeper.ready.wait()
        self._board.enter("ready")
        self._reporter.all_ready(time.monotonic() - started, [keeper.process for keeper in self._keepers.values()])

    async def _shorten_logs(self) -> None:
        while True:
            await asyncio.sleep(SHORTEN_EVERY)
            for name in self._keepers:
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
        self._board.enter("stopping")
        self._reporter.stopping()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end_processes()
        # Whatever moved to a session of its own, and a preparation that was under way.
        await asyncio.to_thread(leftovers.end, self._layout.data, grace=5)
        self._board.close()
        self._reporter.stopped(time.monotonic() - started)

    async def _end_processes(self) -> None:
        needed_by = dependants([keeper.process for keeper in self._keepers.values()])
        ended = {name: asyncio.Event() for name in self._keepers}

        async def end(name: str) -> None:
            for other in needed_by[name]:
                await ended[other].wait()
            await self._keepers[name].stop(self._hurry)
            ended[name].set()

        await asyncio.gather(*(end(name) for name in self._keepers))
