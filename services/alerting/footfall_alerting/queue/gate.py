"""When an endpoint may be attempted: slots, rate, hold and throttle. Pure."""

import math

from footfall_alerting.policy import Outcome, Result


class Gate:
    """What stands between an endpoint's jobs and the endpoint; waiting here is no attempt.

    Args:
        slots: Attempts at once.
        rate: Attempts begun per second; None: as many as may be.
        longest_hold: Seconds; no receiver holds its webhooks back for longer.
    """

    def __init__(self, slots: int, rate: float | None, longest_hold: float) -> None:
        self.allowed = slots
        """Attempts at once, as the receiver's answers permit."""
        self.running = 0
        self.held_until = 0.0
        """Epoch seconds."""
        self._slots = slots
        self._interval = 1 / rate if rate else 0.0
        self._next = 0.0
        self._longest_hold = longest_hold
        self._throttled_at = 0.0

    def opens_at(self, now: float) -> float:
        """Return when an attempt may begin, epoch seconds: now at the earliest, infinity while no slot is free."""
        if self.running >= self.allowed:
            return math.inf
        return max(now, self.held_until, self._next)

    def begin(self, now: float) -> None:
        """Note that an attempt begins."""
        self.running += 1
        # One interval may be made up for: timers come late.
        self._next = max(self._next, now - self._interval) + self._interval

    def end(self, outcome: Outcome | None, began: float, now: float) -> None:
        """Note how an attempt ended that began at `began`; None: it was given up."""
        self.running -= 1
        if outcome is None:
            return
        if outcome.retry_after > 0:
            self.held_until = max(self.held_until, now + min(outcome.retry_after, self._longest_hold))
        if outcome.result is Result.DELIVERED:
            self.allowed = min(self._slots, self.allowed + 1)
        # Attempts that were under way when it was last halved say nothing new.
        elif outcome.throttle and began >= self._throttled_at:
            self.allowed = max(1, self.allowed // 2)
            self._throttled_at = now
