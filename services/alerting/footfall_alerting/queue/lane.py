"""One endpoint's line and gate, and when to look at them again."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from footfall_alerting.queue.gate import Gate
from footfall_alerting.queue.line import Line
from footfall_alerting.queue.ports import Meter, Sender
from footfall_alerting.queue.tickets import Ticket

LATE = 0.5
"""Seconds by which the first of a line is overdue when the endpoint is behind."""


@dataclass(eq=False)
class Lane:
    """One endpoint as this worker serves it."""

    endpoint: str
    sender: Sender | None
    """None: it is not configured any more."""
    gate: Gate
    meter: Meter
    ordered: bool
    """Whether a job waits for the earlier ones of its key."""
    serve: Callable[["Lane"], None]
    """Begins what may begin."""
    line: Line = field(default_factory=Line)
    heads: dict[str, Ticket] = field(default_factory=dict)
    """Where order matters: the ticket in memory that the others of its key wait for."""
    refilling: bool = False
    burials: int = 0
    """Jobs that are being given up, since the endpoint gets nothing any more."""
    _timer: asyncio.TimerHandle | None = None
    _scheduled: bool = False

    @property
    def is_timed(self) -> bool:
        """Whether it will be looked at by itself."""
        return self._timer is not None

    def look(self) -> None:
        """Have it served in the loop's next turn."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def look_in(self, seconds: float) -> None:
        """Have it served later, unless something happens before."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self.look)

    def is_behind(self, now: float) -> bool:
        """Tell whether what comes now will not be attempted at once."""
        opens = self.gate.opens_at(now)
        return self.line.first_due() < now - LATE or LATE < opens - now < math.inf

    def add(self, ticket: Ticket) -> None:
        """Put a ticket into the line; where order matters it is its key's head."""
        if self.ordered:
            self.heads[ticket.job.key] = ticket
        self.line.add(ticket)

    def forget(self, ticket: Ticket) -> None:
        """Let a ticket be no head any more."""
        if self.heads.get(ticket.job.key) is ticket:
            del self.heads[ticket.job.key]

    def leave_gone(self) -> None:
        """Let tickets go that are finished or another worker's."""
        self.line.remove(lambda ticket: ticket.gone)
        self.heads = {key: ticket for key, ticket in self.heads.items() if not ticket.gone}

    def _turn(self) -> None:
        self._scheduled = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.serve(self)
