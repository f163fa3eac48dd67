import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any, Protocol

import pytest
from footfall_stack import lock, orphans, state
from footfall_stack.lifecycle import stop
from footfall_stack.settings import StackSettings

pytestmark = pytest.mark.programs

Fake = Callable[..., dict[str, Any]]
IGNORES_TERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
TELLS_OF_CTRL_C = """
import signal, time
print("heeds Ctrl-C:", signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)
time.sleep(600)
"""
DIES = "print('the last words'); raise SystemExit(3)"
SPAWNS_ESCAPING_CHILD = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
time.sleep(600)
"""
READY_LATE = "import os, pathlib, time; time.sleep(1); pathlib.Path(os.environ['READY']).touch()"
DIES_ONCE_READY_AND_HANGS = """
import os, pathlib, time
ready = pathlib.Path(os.environ["READY"])
before = ready.with_suffix(".before")
if not before.exists():
    before.touch()
    ready.touch()
    time.sleep(0.5)
    raise SystemExit("Exception: the disk is full")
print("still waiting", flush=True)
time.sleep(600)
"""
NOTES_END = """
import os, signal, sys, time
def note(*_):
    with open(os.environ["READY"].rsplit("/", 1)[0] + "/ends", "a") as file:
        file.write({name!r} + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, note)
time.sleep(600)
"""


class Run(Protocol):
    layout: Any
    running: Any

    def start(self, *fakes: dict[str, Any], in_background: bool = False, preparation: float = 0) -> None: ...
    def wait_ready(self) -> None: ...
    def wait(self, condition: Callable[[state.State], bool]) -> None: ...
    def pid(self, name: str) -> int: ...
    def interrupt(self) -> None: ...
    def finish(self) -> tuple[int, str]: ...
    def left(self) -> dict[int, str]: ...


def test_ctrl_c_leaves_no_process_no_lock_and_no_state(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a"), a_fake("b", SPAWNS_ESCAPING_CHILD, needs=["a"]))
    run.wait_ready()

    run.interrupt()
    code, output = run.finish()

    assert code == 0, output
    assert run.left() == {}
    assert not run.layout.lock.exists()
    assert not run.layout.state.exists()


def test_ctrl_c_ends_a_run_that_a_shell_has_started_in_the_background(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a", TELLS_OF_CTRL_C), in_background=True)
    run.wait_ready()

    run.interrupt()
    code, output = run.finish()

    assert code == 0, output
    assert run.layout.log("a").read_text() == "heeds Ctrl-C: True\n"


def test_ctrl_c_ends_it_while_it_still_prepares(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a"), in_background=True, preparation=600)
    while lock.holder(run.layout.lock) is None:
        time.sleep(0.02)

    time.sleep(0.2)
    run.interrupt()
    code, _ = run.finish()

    assert code != 0
    assert run.left() == {}


def test_a_process_that_ignores_the_request_to_end_is_killed(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("stubborn", IGNORES_TERM, grace=0.5))
    run.wait_ready()

    run.interrupt()
    code, output = run.finish()

    assert code == 0, output
    assert run.left() == {}


def test_a_second_ctrl_c_does_not_wait_for_the_grace_period(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("stubborn", IGNORES_TERM, grace=600))
    run.wait_ready()

    run.interrupt()
    run.wait(lambda now: now.phase == "stopping")
    run.interrupt()
    code, output = run.finish()

    assert code == 0, output
    assert run.left() == {}


def test_dependants_end_first(run: Run, a_fake: Fake) -> None:
    run.start(
        *(
            a_fake(name, NOTES_END.format(name=name), needs=needs)
            for name, needs in (("broker", []), ("worker", ["broker"]), ("page", ["worker"]))
        )
    )
    run.wait_ready()

    run.interrupt()
    run.finish()

    assert (run.layout.data / "ends").read_text().split() == ["page", "worker", "broker"]


def test_an_eager_process_does_not_wait_but_ends_first_all_the_same(run: Run, a_fake: Fake) -> None:
    run.start(
        a_fake("broker", READY_LATE + NOTES_END.format(name="broker"), ready=False),
        a_fake("job", NOTES_END.format(name="job"), needs=["broker"], eager=True),
        a_fake("worker", needs=["broker"]),
    )

    run.wait(lambda now: [status.stage for status in now.processes] == ["starting", "ready", "waiting"])
    run.wait_ready()
    run.interrupt()
    run.finish()

    assert (run.layout.data / "ends").read_text().split() == ["job", "broker"]


def test_a_process_that_dies_is_started_again_and_it_is_said(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a"))
    run.wait_ready()
    first = run.pid("a")

    os.kill(first, signal.SIGKILL)
    run.wait(lambda now: now.processes[0].restarts == 1 and now.processes[0].stage == "ready")
    second = run.pid("a")
    run.interrupt()
    _, output = run.finish()

    assert first != second
    assert "killed by SIGKILL" in output


def test_children_of_a_killed_process_are_gone_before_it_is_started_again(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("parent", SPAWNS_ESCAPING_CHILD))
    run.wait_ready()
    before = set(run.left())
    while len(before) < 2:
        before = set(run.left())

    os.kill(run.pid("parent"), signal.SIGKILL)
    run.wait(lambda now: now.processes[0].restarts == 1 and now.processes[0].stage == "ready")

    assert before.isdisjoint(run.left())


def test_a_process_that_keeps_dying_ends_the_run_with_its_last_lines(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("steady"), a_fake("broken", DIES, ready=False))

    code, output = run.finish()

    assert code == 1
    assert "the last words" in output
    assert "broken ended 4 times within 30 s, last with exit code 3" in output
    assert run.left() == {}


def test_the_run_says_why_it_starts_a_process_again(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a", DIES_ONCE_READY_AND_HANGS, ready=False, ready_within=2))
    run.wait(lambda now: now.processes[0].restarts == 2)

    run.interrupt()
    _, output = run.finish()

    first, second = (line for line in output.splitlines() if line.split()[:2] == ["ended", "a"])
    assert "exit code 1; it last wrote: Exception: the disk is full" in first
    assert "was not ready within 2 s; it last wrote: still waiting" in second
    assert "(footfall logs a)" in first


def test_a_process_that_never_becomes_ready_ends_the_run(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("silent", ready=False, ready_within=0.5))

    code, output = run.finish()

    assert code == 1
    assert "silent was not ready within 0 s" in output
    assert run.left() == {}


def test_a_finite_process_may_end(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("once", "pass", finite=True), a_fake("steady", needs=["once"]))

    run.wait_ready()
    run.interrupt()
    code, output = run.finish()

    assert code == 0
    assert "starting it again" not in output


def test_a_second_run_is_refused_in_one_line(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a"))
    run.wait_ready()

    with pytest.raises(lock.AlreadyRunningError, match=rf"already running \(pid {run.running.pid}\)"):
        lock.held(run.layout.lock).__enter__()


def test_processes_of_a_killed_supervisor_are_ended_by_the_next_run(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("orphan"))
    run.wait_ready()
    orphan = run.pid("orphan")
    run.running.kill()
    run.finish()

    run.start(a_fake("new"))
    run.wait_ready()
    left = run.left()
    run.interrupt()
    _, output = run.finish()

    assert orphan not in left
    assert "Stopped what an earlier run left behind: orphan" in output


def test_stop_ends_a_run_of_another_terminal(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a"))
    run.wait_ready()

    said = stop(StackSettings(footfall_data_dir=run.layout.data))

    assert said == "Stopped; nothing is left running."
    assert run.left() == {}
    assert stop(StackSettings(footfall_data_dir=run.layout.data)) == "Nothing is running."


def test_stop_ends_the_processes_of_a_killed_supervisor(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("orphan"))
    run.wait_ready()
    run.running.kill()
    run.finish()

    said = stop(StackSettings(footfall_data_dir=run.layout.data))

    assert said == "Stopped what an earlier run left behind: orphan"
    assert run.left() == {}


def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(run: Run, a_fake: Fake) -> None:
    run.layout.create()
    run.layout.lock.write_text(str(os.getpid()))
    run.layout.state.write_text(
        f'{{"supervisor": {os.getpid()}, "phase": "ready", "processes": [{{"name": "a", "pid": {os.getpid()}}}]}}'
    )

    assert lock.holder(run.layout.lock) is None
    assert orphans.find(run.layout.data) == {}
    assert stop(StackSettings(footfall_data_dir=run.layout.data)) == "Nothing is running."
    run.start(a_fake("a"))
    run.wait_ready()


def test_a_port_in_use_is_one_line_and_starts_nothing(run: Run, a_fake: Fake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run.start(a_fake("a", ports={"A_PORT": port}))
        code, output = run.finish()

    assert code == 1
    assert output.splitlines() == [
        f"Port {port} (a): taken by {_own_name()} (pid {os.getpid()}) (end it, or set A_PORT to another port)"
    ]
    assert not run.layout.log("a").exists()


def test_too_little_memory_is_one_line_and_starts_nothing(run: Run, a_fake: Fake) -> None:
    run.start(a_fake("a", memory_mib=10_000_000))
    code, output = run.finish()

    assert code == 1
    assert output.startswith("Memory: ")
    assert len(output.splitlines()) == 1
    assert not run.layout.log("a").exists()


def _own_name() -> str:
    import psutil  # noqa: PLC0415

    return psutil.Process().name()
