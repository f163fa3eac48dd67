"""One supervisor per data directory, and one replay at a time.

The kernel holds the lock (flock) and lets go of it when its holder dies in whatever way, so that no stale lock is ever
left behind; the file's content, the holder's pid, is only for others to read.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footfall_stack.model import StackError

# `holder` takes the lock for an instant, and a former holder may remove the file between our open and our lock.
ATTEMPTS = 5


SUPERVISED = "Footfall is already running (pid {pid}): `footfall status` shows it, `footfall stop` ends it."


class AlreadyRunningError(StackError):
    """Another process holds the lock."""


@contextmanager
def held(path: Path, refusal: str = SUPERVISED) -> Iterator[None]:
    """Hold the lock within the block; the file is gone afterwards.

    Args:
        path: The lock's file.
        refusal: What to say when another process holds it; `{pid}` stands for that.

    Raises:
        AlreadyRunningError: Another process holds it.
    """
    descriptor = _acquire(path, refusal)
    try:
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the pid of the process that holds the lock; None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        # Empty for the instant between taking the lock and writing the pid.
        return int(os.read(descriptor, 20) or 0)
    else:
        return None
    finally:
        os.close(descriptor)


def _acquire(path: Path, refusal: str) -> int:
    pid = ""
    for _ in range(ATTEMPTS):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(descriptor, 20).decode()
            time.sleep(0.05)
        else:
            if _same_file(descriptor, path):
                return descriptor
        os.close(descriptor)
    raise AlreadyRunningError(refusal.format(pid=pid or "unknown"))


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
