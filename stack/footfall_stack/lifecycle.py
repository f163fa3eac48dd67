"""Starting and ending a stack from the command line: `footfall run`, in the foreground or not, and `footfall stop`."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from footfall_security.make import make

from footfall_stack import lock, logs, orphans, state
from footfall_stack.checks import Finding, check_jars, preflight
from footfall_stack.console import ProgressPrinter
from footfall_stack.exporters import watched
from footfall_stack.grafana import where_there_is_one
from footfall_stack.model import Process, StackError
from footfall_stack.paths import Layout
from footfall_stack.processes import all_processes, flink_home, shared_environment
from footfall_stack.restarts import RestartPolicy
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings
from footfall_stack.supervisor import Supervisor

STOP_TIMEOUT = 150.0
"""Longer than the graces of one process after another."""


def run(
    settings: StackSettings,
    only: Sequence[str],
    without: Sequence[str],
    extra: Sequence[str] = (),
    *,
    until_stdin_closes: bool,
) -> int:
    """Run the stack until it is asked to stop; return the exit status.

    Raises:
        StackError: It cannot start; nothing was started.
    """
    chosen, note = where_there_is_one(select(all_processes(settings), only, without, extra), [*only, *extra])
    if note:
        ProgressPrinter().note(note)
    processes = watched(chosen, settings)
    _require([check_jars(settings.footfall_jars_dir)])
    return keep(
        processes,
        settings,
        prepare=lambda: _lay_out(settings),
        until_stdin_closes=until_stdin_closes,
    )


def _lay_out(settings: StackSettings) -> None:
    if settings.secure:
        make(settings.secure, [settings.connect_host])
    flink_home(settings).lay_out(settings)


def keep(
    processes: Sequence[Process],
    settings: StackSettings,
    *,
    prepare: Callable[[], None] = lambda: None,
    policy: RestartPolicy | None = None,
    until_stdin_closes: bool = False,
) -> int:
    """Run these processes, alone in the data directory, until asked to stop; return the exit status.

    Args:
        processes: What to run, needs first.
        settings: Where.
        prepare: Done before anything is started.
        policy: When to start a process again.
        until_stdin_closes: End with the program at the other end of standard input.

    Raises:
        StackError: They cannot start; nothing was started.
    """
    # A shell that has started it in the background has it ignore Ctrl-C, and whatever it starts, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    progress = ProgressPrinter()
    layout = Layout(settings.footfall_data_dir)
    layout.create()
    with lock.held(layout.lock):
        if ended := orphans.end(layout.data):
            progress.note(f"Stopped what an earlier run left behind: {', '.join(ended)}")
        _require(preflight(processes, layout.data))
        prepare()
        env = shared_environment(settings, processes, os.environ)
        return asyncio.run(
            _supervise(processes, env, layout, progress, policy=policy, until_stdin_closes=until_stdin_closes)
        )


def run_behind(settings: StackSettings, arguments: Sequence[str]) -> int:
    """Start `footfall run` in the background and return when everything is ready.

    Args:
        settings: Where the stack is.
        arguments: What to give to `footfall run`.
    """
    layout = Layout(settings.footfall_data_dir)
    layout.create()
    if pid := lock.holder(layout.lock):
        raise lock.AlreadyRunningError(f"Footfall is already running (pid {pid}): `footfall stop` ends it.")
    logs.shorten(layout.console, 0)
    with layout.console.open("ab") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "footfall_stack", "run", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _, line in logs.follow([layout.console], done=lambda: _settled(supervisor, layout)):
            print(line, flush=True)
    except KeyboardInterrupt:
        supervisor.terminate()
        return supervisor.wait()
    return supervisor.poll() or 0


def stop(settings: StackSettings) -> str:
    """End the running stack and return what happened.

    Raises:
        StackError: It does not end.
    """
    layout = Layout(settings.footfall_data_dir)
    pid = lock.holder(layout.lock)
    if pid:
        os.kill(pid, signal.SIGTERM)
        _wait_for_end(layout, pid)
    left = orphans.end(layout.data)
    if pid:
        return "Stopped; nothing is left running."
    layout.state.unlink(missing_ok=True)
    layout.lock.unlink(missing_ok=True)
    return f"Stopped what an earlier run left behind: {', '.join(left)}" if left else "Nothing is running."


def _require(findings: Iterable[Finding]) -> None:
    wrong = [finding.line() for finding in findings if not finding.ok]
    if wrong:
        raise StackError("\n".join(wrong))


async def _supervise(
    processes: Sequence[Process],
    env: dict[str, str],
    layout: Layout,
    progress: ProgressPrinter,
    *,
    policy: RestartPolicy | None,
    until_stdin_closes: bool,
) -> int:
    supervisor = Supervisor(processes, env, layout, progress, policy)
    if until_stdin_closes:
        _watch_stdin(supervisor)
    return await supervisor.run()


def _watch_stdin(supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()

    def readable() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            supervisor.stop()

    loop.add_reader(0, readable)


def _settled(supervisor: "subprocess.Popen[bytes]", layout: Layout) -> bool:
    if supervisor.poll() is not None:
        return True
    now = state.read(layout.state)
    return now is not None and now.supervisor == supervisor.pid and now.phase == "ready"


def _wait_for_end(layout: Layout, pid: int) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    while lock.holder(layout.lock) == pid:
        if time.monotonic() > deadline:
            raise StackError(f"The supervisor (pid {pid}) did not end within {STOP_TIMEOUT:.0f} s")
        time.sleep(0.1)
