"""Puts a file on a disk as a whole or not at all."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def put_on_disk(path: str, data: Any, suffix: str, confirm: Callable[[], None]) -> None:
    """Write beside, make durable, rename.

    Args:
        path: Of the file.
        data: What it holds, as bytes or a buffer.
        suffix: Behind the name while it is half written; two writers have different ones.
        confirm: Called when all is written, right before it counts; what it raises calls the file off.

    Raises:
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
        beside.rename(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    # The new name is in the folder, and the folder in the one above it.
    for folder in (target.parent, target.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
