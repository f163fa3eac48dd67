"""What makes a machine slow, in measure: busy loops, processes that stand still, a broker that answers slowly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from footfall_stack.testing import StackHandle

LONGEST = 300
"""Seconds after which a busy loop ends by itself, whatever became of the test."""
BUSY = "import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end:\n    pass"


@contextmanager
def busy_loops(number: int) -> Iterator[None]:
    """Keep the processor busy with so many processes within the block."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY.format(seconds=LONGEST)]) for _ in range(number)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextmanager
def stopped(stack: StackHandle, name: str) -> Iterator[None]:
    """Let a process of the stack stand still within the block."""
    pid = stack.kill(name, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def pause(stack: StackHandle, name: str, seconds: float) -> None:
    """Let a process of the stack stand still for a while, as a laptop's lid does."""
    with stopped(stack, name):
        time.sleep(seconds)


@contextmanager
def slow_fetches(stack: StackHandle, bytes_per_second: int) -> Iterator[None]:
    """Have the broker serve every consumer no faster than this within the block."""
    _configure(stack, "--add-config", f"consumer_byte_rate={bytes_per_second}")
    try:
        yield
    finally:
        _configure(stack, "--delete-config", "consumer_byte_rate")


def _configure(stack: StackHandle, *change: str) -> None:
    classes = str(stack.settings.footfall_jars_dir / "kafka" / "*")
    whom = ("--entity-type", "clients", "--entity-default")
    server = ("--bootstrap-server", stack.env["KAFKA_BOOTSTRAP_SERVERS"])
    command = ["java", "-Xmx128m", "-cp", classes, "kafka.admin.ConfigCommand", *server, "--alter", *change, *whom]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
