"""A stack for tests: on free ports, in a directory of its own, ended with the test even when the test is killed.

with running_stack(tmp_path, ["kafka", "registry"]) as stack:
connect(stack.env["KAFKA_BOOTSTRAP_SERVERS"])
stack.kill("kafka")
stack.wait_restarted("kafka", 1)
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from footfall_stack import java, lock, ports, state
from footfall_stack.logs import tail
from footfall_stack.paths import Layout
from footfall_stack.settings import StackSettings

READY_WITHIN = 300.0
STOPPED_WITHIN = 150.0
SHORT_LIVED = dict.fromkeys(("KAFKA_JVM_OPTIONS", "FLINK_TASKMANAGER_JVM_OPTIONS"), " ".join(java.SHORT_LIVED))
"""In a minute or two, half of a broker's and a TaskManager's work would be to optimise themselves."""


class StackHandle:
    """Starts, watches and ends one stack; after `stop` it can be started again on the same ports and data.

    Args:
        data: Data directory.
        env: More variables for every process, settings of the stack included.
        optimised: Java processes are what they are in production; they begin more slowly.
        python: Of the clone that is run; None: this one.
    """

    def __init__(
        self,
        data: Path,
        env: Mapping[str, str] | None = None,
        *,
        optimised: bool = False,
        python: Path | None = None,
    ) -> None:
        self.layout = Layout(data.resolve())
        self._python = str(python or sys.executable)
        jvm = {} if optimised else SHORT_LIVED
        given = {**_free_ports(), **jvm, "FOOTFALL_DATA_DIR": str(self.layout.data), **(env or {})}
        fields = StackSettings.model_fields
        self.settings = StackSettings.model_validate(
            {name: given[name.upper()] for name in fields if name.upper() in given}
        )
        self.env: dict[str, str] = {**given, **self.settings.connections(), **self.settings.credentials()}
        """What a program needs in its environment to find this stack, as an administrator if that makes a difference."""
        self._supervisor: subprocess.Popen[bytes] | None = None

    def start(
        self,
        names: Sequence[str] = (),
        *,
        without: Sequence[str] = (),
        extra: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Start processes and what they need; returns at once.

        Args:
            names: Processes; none means all.
            without: Processes left out.
            extra: Optional processes that run besides.
            env: More variables, for this start only.
        """
        self.layout.create()
        arguments = [f"--only={name}" for name in names] + [f"--without={name}" for name in without]
        arguments += [f"--with={name}" for name in extra]
        with self.layout.console.open("wb") as output:
            self._supervisor = subprocess.Popen(
                [self._python, "-m", "footfall_stack", "run", "--until-stdin-closes", *arguments],
                env={**os.environ, **self.env, **(env or {})},
                # Closes with this process, however it ends, and takes the stack with it.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, timeout: float = READY_WITHIN) -> None:
        """Wait until every process has been ready.

        Raises:
            RuntimeError: The run ended instead, or it takes too long; the message is what it printed.
        """
        self._wait(self._is_ready, timeout, "ready")

    def stop(self) -> None:
        """End the stack as `footfall stop` does; its data stays."""
        if self._supervisor is None:
            return
        if self._supervisor.poll() is None:
            # Not Ctrl-C's: where tests run in the background, a run that has just begun may ignore it.
            self._supervisor.terminate()
        try:
            self._supervisor.wait(STOPPED_WITHIN)
        finally:
            if self._supervisor.stdin:
                self._supervisor.stdin.close()
            self._supervisor = None

    @property
    def supervisor_pid(self) -> int | None:
        """Pid of `footfall run`; None when it does not run."""
        return lock.holder(self.layout.lock)

    def status(self, name: str) -> state.ProcessStatus | None:
        """Return what the supervisor says about a process."""
        now = state.read(self.layout.state)
        return now.process(name) if now else None

    def pid(self, name: str) -> int:
        """Return the pid of a running process.

        Raises:
            RuntimeError: It does not run at this moment.
        """
        status = self.status(name)
        if status is None or status.pid is None:
            raise RuntimeError(f"{name} does not run: {status}")
        return status.pid

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a process, SIGKILL by default, and return its pid."""
        pid = self.pid(name)
        os.kill(pid, number)
        return pid

    def wait_restarted(self, name: str, restarts: int, timeout: float = READY_WITHIN) -> None:
        """Wait until a process is ready after that many restarts."""

        def restarted() -> bool:
            status = self.status(name)
            return status is not None and status.restarts >= restarts and status.stage == "ready"

        self._wait(restarted, timeout, f"{name} restarted")

    def log(self, name: str, lines: int = 10_000) -> str:
        """Return the end of a process's log; `supervisor` is what the run printed."""
        return "\n".join(tail(self.layout.log(name), lines))

    def _is_ready(self) -> bool:
        now = state.read(self.layout.state)
        return now is not None and now.phase == "ready" and now.supervisor == self.supervisor_pid

    def _wait(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            if self._supervisor is None or self._supervisor.poll() is not None:
                raise RuntimeError(f"not {what}, the run ended:\n{self.log('supervisor', 60)}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"not {what} within {timeout:.0f} s:\n{self.log('supervisor', 60)}")
            time.sleep(0.1)


@contextmanager
def running_stack(
    data: Path,
    names: Sequence[str] = (),
    *,
    without: Sequence[str] = (),
    extra: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    optimised: bool = False,
    python: Path | None = None,
) -> Iterator[StackHandle]:
    """Run a stack within the block, ready when the block begins.

    Args:
        data: Data directory.
        names: Processes to run with what they need; none means all.
        without: Processes left out.
        extra: Optional processes that run besides.
        env: More variables for every process.
        optimised: See `StackHandle`.
        python: See `StackHandle`.
    """
    stack = StackHandle(data, env, optimised=optimised, python=python)
    stack.start(names, without=without, extra=extra)
    try:
        stack.wait_ready()
        yield stack
    finally:
        stack.stop()


def _free_ports() -> dict[str, str]:
    variables = [name.upper() for name in StackSettings.model_fields if name.endswith("_port")]
    return dict(zip(variables, map(str, ports.choose(len(variables))), strict=True))
