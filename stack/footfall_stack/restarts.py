"""Whether a process that ended is started again, and when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Again:
    """Start it again after a pause."""

    delay: float


@dataclass(frozen=True)
class GiveUp:
    """It keeps ending: something is wrong that another start does not cure."""

    deaths: int
    window: float


@dataclass(frozen=True)
class RestartPolicy:
    """Pauses double from one death to the next; old deaths are forgotten."""

    first_delay: float = 1.0
    max_delay: float = 30.0
    limit: int = 5
    """Deaths within the window that end the run."""
    window: float = 120.0

    def decide(self, deaths: Sequence[float], now: float) -> Again | GiveUp:
        """Decide after a death.

        Args:
            deaths: When the process died, the last one included.
            now: The time, on the same clock.
        """
        recent = sum(1 for death in deaths if now - death <= self.window)
        if recent >= self.limit:
            return GiveUp(recent, self.window)
        return Again(min(self.first_delay * 2 ** max(recent - 1, 0), self.max_delay))
