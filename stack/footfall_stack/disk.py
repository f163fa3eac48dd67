"""What the disk refuses of the data directory."""

import os
from pathlib import Path

CURE = "set FOOTFALL_DATA_DIR to a folder that you may write to"


def explain(error: OSError, data: Path) -> str | None:
    """Return in one line what is wrong with the data directory; None if the error is about something else.

    Args:
        error: What a command has met.
        data: The data directory.
    """
    if error.filename is None:
        return None
    place = Path(os.path.abspath(os.fsdecode(error.filename)))  # noqa: PTH100 - nothing is looked up, it may not be readable
    concerns = place == data or place in data.parents or data in place.parents
    return f"{place}: {error.strerror}; {CURE}" if concerns else None


def refusal(data: Path) -> str:
    """Return why nothing can be written to the data directory, or why it cannot be made; empty if it can."""
    there = next(path for path in (data, *data.parents) if os.path.lexists(path))
    if not there.is_dir():
        return f"{there} is not a folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} is not writable"
