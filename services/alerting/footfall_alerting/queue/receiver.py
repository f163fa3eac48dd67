"""An endpoint as far as its queue is concerned."""

from dataclasses import dataclass

from footfall_alerting.queue.ports import Sender


@dataclass(frozen=True)
class Receiver:
    """Who gets jobs, and how many of them how fast."""

    sender: Sender
    slots: int
    """Attempts at once."""
    rate: float | None = None
    """Attempts per second; None: as many as may be."""
    ordered: bool = False
    """Whether a job waits for the earlier ones of its key."""


@dataclass(frozen=True)
class Backlog:
    """What waits for an endpoint."""

    jobs: int
    oldest: float
    """When the first of them is or was due, epoch seconds; infinity when there is none."""
