"""Puts a file on a disk as a whole or not at all."""

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


def put_on_disk(path: str, data: Any, suffix: str, confirm: Callable[[], None], *, anew: bool) -> None:
    """Write beside, make durable, give it its name.

    Args:
        path: Of the file.
        data: What it holds, as bytes or a buffer.
        suffix: Behind the name while it is half written; two writers have different ones.
        confirm: Called when all is written, right before it counts; what it raises calls the file off.
        anew: Whether there must be no such file yet.

    Raises:
        FileExistsError: There is one.
        OSError: No room, no right; nothing is left behind then.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(target.name + suffix)
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        confirm()
        (_name_anew if anew else Path.rename)(beside, target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    # The new name is in the folder, and the folder in the one above it.
    for folder in (target.parent, target.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _name_anew(beside: Path, target: Path) -> None:
    """Give a file its name unless another has it; of two who try, one succeeds."""
    try:
        target.hardlink_to(beside)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without links: to look first is the best there is.
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        beside.rename(target)
