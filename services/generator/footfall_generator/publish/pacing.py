"""Lets event time pass no faster than the clock on the wall."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from footfall_generator.events.clock import milliseconds


@dataclass
class Pacer:
    """Waits for event times.

    Args:
        stop: Ends every wait.
        now: The clock, in seconds.
        speed: Event time passes so many times as fast as real time.
    """

    stop: Event
    now: Callable[[], float] = time.time
    speed: float = 1.0
    _offset: float = 0.0

    def start(self, event_time: int) -> None:
        """Let `event_time`, in milliseconds since 1970, be now; without this, event time is the clock's time."""
        self._offset = self.now() - event_time / 1000 / self.speed

    def behind(self, event_time: int) -> timedelta:
        """Return how long ago `event_time` was due; negative if it is still to come."""
        return timedelta(seconds=self.now() - event_time / 1000 / self.speed - self._offset)

    def wait_for(self, event_time: int) -> None:
        """Sleep until it is due, or until the end is wanted."""
        if (ahead := -milliseconds(self.behind(event_time))) > 0:
            self.stop.wait(ahead / 1000)
