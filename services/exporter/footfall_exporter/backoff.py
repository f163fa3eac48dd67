"""Pauses that grow while a sink does not take rows, with chance in them, so that instances do not come back at once."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST, LONGEST = 0.5, 30.0
"""Seconds."""
LONGEST_ASKED = 3600.0
"""Seconds that a sink can ask for at most."""
UNTIL_ACTED = 300.0
"""Seconds between attempts while a person must act first."""


@dataclass
class Backoff:
    """The pause of one stream of one sink.

    Args:
        clock: Monotonic seconds.
        chance: Returns a number from 0 to 1.
    """

    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    reason: str = ""
    """Why it pauses; empty when it does not."""
    needs_action: bool = False
    """Whether it pauses until a person has acted."""
    _failures: int = field(default=0, init=False)
    _until: float = field(default=0.0, init=False)

    @property
    def is_over(self) -> bool:
        """Whether the next attempt may be made."""
        return self.clock() >= self._until

    def fail(self, reason: str, *, retry_after: float | None = None, needs_action: bool = False) -> float:
        """Pause, twice as long as the last time; return for how many seconds.

        Args:
            reason: Why.
            retry_after: Seconds that the sink asks for; the pause is not shorter.
            needs_action: Whether a person must act first; the pause is long then.
        """
        pause: float = min(LONGEST, FIRST * 2.0**self._failures) * (0.5 + 0.5 * self.chance())
        self._failures = min(self._failures + 1, 16)
        pause = min(LONGEST_ASKED, max(pause, retry_after or 0.0, UNTIL_ACTED if needs_action else 0.0))
        self._until, self.reason, self.needs_action = self.clock() + pause, reason, needs_action
        return pause

    def succeed(self) -> None:
        """Begin anew with the shortest pause."""
        self._failures, self._until, self.reason, self.needs_action = 0, 0.0, "", False
