"""Python programs that a test starts beside itself."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def begun(env: Mapping[str, str], *arguments: str, stderr: int = subprocess.PIPE) -> "Iterator[subprocess.Popen[str]]":
    """Run a module within the block; it is killed at its end, if it still runs.

    Args:
        env: Its environment.
        arguments: Name of the module, and what it is told.
        stderr: Where its errors go.
    """
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()
