"""One running incarnation of a process: its own session, its output appended to its log file."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from footfall_stack.logs import shorten
from footfall_stack.model import Process, StackError

POLL = 0.1


class Child:
    """A process that was started; the supervisor polls it, so nothing is lost when a waiting task is cancelled."""

    def __init__(self, process: Process, popen: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._popen = popen

    @classmethod
    def spawn(cls, process: Process, env: Mapping[str, str], log: Path, home: Path) -> "Child":
        """Start the process.

        Raises:
            StackError: Its program cannot be executed.
        """
        home.mkdir(parents=True, exist_ok=True)
        shorten(log)
        with log.open("ab") as output:
            try:
                popen = subprocess.Popen(
                    process.argv,
                    env=env,
                    cwd=home,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C in the terminal is for the supervisor, which ends the processes in their order.
                    start_new_session=True,
                    user=process.user and process.user.pw_uid,
                    group=process.user and process.user.pw_gid,
                    extra_groups=process.user and [],
                )
            except OSError as error:
                raise StackError(f"{process.name} cannot be started: {error}") from error
        return cls(process, popen)

    @property
    def pid(self) -> int:
        """The process id, which is its process group's too."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._popen.poll()

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        while (code := self.exit_code) is None:  # noqa: ASYNC110 - polled, see the class
            await asyncio.sleep(POLL)
        return code

    async def end(self, grace: float, hurry: asyncio.Event) -> None:
        """Ask it to end; kill what is left of its group when the grace period is over or somebody is in a hurry."""
        self._signal(self.process.stop_signal)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        while self.exit_code is None and loop.time() < deadline and not hurry.is_set():  # noqa: ASYNC110
            await asyncio.sleep(POLL)
        self.kill()
        await self.wait()

    def kill(self) -> None:
        """Kill its group if it still runs."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.exit_code is None:
            os.killpg(self.pid, number)


def describe_exit(code: int) -> str:
    """Say how a process ended."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
