"""One endpoint's line and gate, and when to look at them again."""

import asyncio
import math
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
    line: Line = field(default_factory=Line)
    heads: dict[str, Ticket] = field(default_factory=dict)
    """Where order matters: the ticket in memory that the others of its key wait for."""
    timer: asyncio.TimerHandle | None = None
    scheduled: bool = False
    """Whether it is looked at in this turn of the loop."""
    refilling: bool = False
    burials: int = 0
    """Jobs that are being given up, since the endpoint gets nothing any more."""

    def is_behind(self, now: float) -> bool:
        """Tell whether what comes now will not be attempted at once."""
        opens = self.gate.opens_at(now)
        return self.line.first_due() < now - LATE or LATE < opens - now < math.inf

    def forget(self, ticket: Ticket) -> None:
        """Let a ticket be no head any more."""
        if self.heads.get(ticket.job.key) is ticket:
            del self.heads[ticket.job.key]
