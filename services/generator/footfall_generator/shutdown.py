"""SIGTERM and Ctrl-C as a flag, so that whatever is under way ends in good order."""

import signal
from threading import Event
from types import FrameType


def stop_on_signals() -> Event:
    """Return a flag that SIGTERM and SIGINT set; call it from the main thread."""
    stop = Event()

    def handle(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop
