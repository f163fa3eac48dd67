"""One partition while it is this worker's: its jobs in hand, and those it has finished last."""

import asyncio
from collections.abc import Iterable

from footfall_alerting.queue.tickets import Ticket

REMEMBERED = 10_000
"""Finished jobs of a partition that are known when their record is read again."""


class Shard:
    """A partition of this worker."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.tickets: dict[str, Ticket] = {}
        """Jobs in hand, by webhook id."""
        self.closed = False
        """Whether the partition is another worker's now: nothing may be written any more."""
        self.ready = asyncio.Event()
        """Set when what waits and what is finished is known, or when it is closed."""
        self._finished: dict[str, float] = {}

    def remember(self, finished: Iterable[tuple[str, float]]) -> None:
        """Note jobs that are finished, and when (epoch seconds)."""
        for webhook_id, at in finished:
            self._finished.pop(webhook_id, None)
            self._finished[webhook_id] = at
        while len(self._finished) > REMEMBERED:
            del self._finished[next(iter(self._finished))]

    def close(self) -> None:
        """Let its records go, for it is another worker's now."""
        self.closed = True
        self.ready.set()
        for ticket in self.tickets.values():
            ticket.gone = True
            ticket.settle()
        self.tickets.clear()

    def finished_at(self, webhook_id: str) -> float | None:
        """Return when a job was finished, epoch seconds; None when it was not, or long ago."""
        return self._finished.get(webhook_id)
