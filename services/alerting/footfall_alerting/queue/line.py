"""The queue of one endpoint in memory, ordered by due time. Pure."""

import heapq
import math
from collections.abc import Callable, Iterator

from footfall_alerting.queue.tickets import Ticket


class Line:
    """Tickets that wait for one endpoint, earliest due first; equal ones in the order they came."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Ticket]] = []
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def __iter__(self) -> Iterator[Ticket]:
        return (ticket for _, _, ticket in self._heap)

    def add(self, ticket: Ticket) -> None:
        """Put a ticket where its job's due time belongs."""
        self._count += 1
        ticket.queued = True
        heapq.heappush(self._heap, (ticket.job.not_before, self._count, ticket))

    def first_due(self) -> float:
        """Return when the first is due, epoch seconds; infinity when there is none."""
        return self._heap[0][0] if self._heap else math.inf

    def pop(self) -> Ticket:
        """Take the first."""
        _, _, ticket = heapq.heappop(self._heap)
        ticket.queued = False
        return ticket

    def remove(self, unwanted: Callable[[Ticket], bool]) -> None:
        """Let tickets go."""
        kept = []
        for each in self._heap:
            if unwanted(each[2]):
                each[2].queued = False
            else:
                kept.append(each)
        heapq.heapify(kept)
        self._heap = kept
