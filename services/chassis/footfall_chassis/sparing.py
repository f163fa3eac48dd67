"""Says once a minute what would be said thousands of times while somebody is away."""

import logging
import threading
import time
from collections.abc import Callable, Collection

EVERY = 60.0
"""Seconds between two lines of one kind."""


class Sparing(logging.Filter):
    """Lets one line of a kind pass a minute: same logger, same words but for what is filled in.

    Args:
        loggers: Those that are held to it, and all below them.
        events: Lines of others that are, by their words.
        clock: Monotonic seconds.
    """

    def __init__(
        self, loggers: Collection[str], events: Collection[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._loggers = tuple(loggers)
        self._events = frozenset(events)
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}
        self._left_out = 0
        self._hushed = False
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the line is written."""
        words = str(record.msg.get("event", "")) if isinstance(record.msg, dict) else str(record.msg)
        if record.levelno < logging.WARNING or not (self._is_held(record.name) or words in self._events):
            return True
        with self._lock:
            now, key = self._clock(), (record.name, words)
            passes = not self._hushed and now - self._told.get(key, -EVERY) >= EVERY
            if passes:
                self._told = {each: at for each, at in self._told.items() if now - at < EVERY} | {key: now}
            else:
                self._left_out += 1
            return passes

    def hush(self) -> None:
        """Let nothing of it pass: somebody else says once a minute what it is about."""
        with self._lock:
            self._hushed = True

    def speak(self) -> None:
        """Let lines pass again."""
        with self._lock:
            self._hushed = False

    def left_out(self) -> int:
        """Return how many lines have been left out since this was last asked."""
        with self._lock:
            number, self._left_out = self._left_out, 0
            return number

    def _is_held(self, name: str) -> bool:
        return any(name == logger or name.startswith(logger + ".") for logger in self._loggers)
