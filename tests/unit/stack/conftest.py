import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from footfall_stack import orphans, state
from footfall_stack.paths import Layout

SLEEPS = "import time; time.sleep(600)"


class FakeRun:
    """A supervisor with fake processes, in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.layout = Layout(data)
        self.popen: subprocess.Popen[str] | None = None

    def start(self, *fakes: dict[str, Any], in_background: bool = False, preparation: float = 0) -> None:
        """Start the fakes; in the background, as shells do it, with Ctrl-C ignored."""
        script = Path(__file__).with_name("fake_run.py")
        command = [sys.executable, str(script), str(self.layout.data), json.dumps(fakes)]
        self.popen = subprocess.Popen(
            ["sh", "-c", """trap '' INT; exec "$@" """, "sh", *command] if in_background else command,
            env=os.environ | {"FAKE_PREPARATION": str(preparation)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self) -> None:
        self.wait(lambda now: now.phase == "ready")

    def wait(self, condition: Callable[[state.State], bool], timeout: float = 20) -> None:
        deadline = time.monotonic() + timeout
        while True:
            now = state.read(self.layout.state)
            if now is not None and now.supervisor == self.running.pid and condition(now):
                return
            if self.running.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"not reached: {now}")
            time.sleep(0.02)

    def pid(self, name: str) -> int:
        now = state.read(self.layout.state)
        status = now.process(name) if now else None
        assert status is not None
        assert status.pid is not None
        return status.pid

    def interrupt(self) -> None:
        self.running.send_signal(signal.SIGINT)

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what was printed."""
        output, _ = self.running.communicate(timeout=30)
        return self.running.returncode, output

    def left(self) -> dict[int, str]:
        return orphans.find(self.layout.data)

    @property
    def running(self) -> "subprocess.Popen[str]":
        assert self.popen is not None
        return self.popen

    def clean_up(self) -> None:
        if self.popen is not None and self.popen.poll() is None:
            self.popen.kill()
            self.popen.communicate()
        orphans.end(self.layout.data, grace=0)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[FakeRun]:
    fake = FakeRun(tmp_path.resolve() / "data")
    yield fake
    fake.clean_up()


def fake(name: str, code: str = SLEEPS, **facts: Any) -> dict[str, Any]:
    return {"name": name, "code": code, **facts}


@pytest.fixture
def a_fake() -> Callable[..., dict[str, Any]]:
    """Return the maker of a fake process: name, Python code, then fields of `Process`."""
    return fake


@pytest.fixture
def exists() -> Callable[[int], bool]:
    return psutil.pid_exists
