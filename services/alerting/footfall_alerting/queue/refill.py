"""Reads back from the jobs topic what is due soon."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from footfall_alerting.queue.index import Index, Row
from footfall_alerting.queue.lane import Lane
from footfall_alerting.queue.ports import Journal, Standing
from footfall_alerting.queue.shards import Shards
from footfall_alerting.queue.store import HORIZON
from footfall_alerting.queue.tasks import Tasks
from footfall_alerting.queue.tickets import Ticket

LOAD = 500
"""Jobs that are read back at once."""
PAUSE = 1.0
"""Seconds before jobs are read back again that could not be."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Refill:
    """Fills lines that have room."""

    shards: Shards
    journal: Journal
    index: Index
    standing: Standing
    chores: Tasks
    """Where reading goes on."""
    queue_size: int
    """Tickets of each endpoint that may wait in memory."""
    clock: Callable[[], float]

    def begin(self, lane: Lane) -> None:
        """Begin to read back what is due soon, if there is any and the line is half empty."""
        room = min(LOAD, self.queue_size - len(lane.line))
        if lane.refilling or not self.shards.attempting or len(lane.line) > self.queue_size // 2:
            return
        until = self.clock() + HORIZON
        if lane.sender is None or self.standing.is_disabled(lane.endpoint):
            until = math.inf
        if self.index.next_due(lane.endpoint) <= until:
            lane.refilling = True
            self.chores.begin(self._load(lane, self.index.load(lane.endpoint, until, room)))

    async def _load(self, lane: Lane, rows: list[Row]) -> None:
        try:
            jobs = await self.journal.load(rows)
            for row in rows:
                shard = self.shards.get(row.partition)
                if shard is None or row.id in shard.tickets or not self.index.has(row.id):
                    continue
                if row.id not in jobs:
                    log.error("a waiting job is not where it was written", webhook_id=row.id, offset=row.offset)
                    self.index.remove(row.id)
                    continue
                # Where it waited for an earlier one of its key it is due since that was finished.
                job = replace(jobs[row.id], not_before=row.due)
                ticket = Ticket(job, row.partition, self.clock(), writes=1, offset=row.offset, settled=True)
                shard.tickets[row.id] = ticket
                lane.add(ticket)
            lane.look()
        except Exception as error:  # noqa: BLE001  the client raises many kinds while a broker is away
            log.warning("waiting jobs were not read back", endpoint=lane.endpoint, error=repr(error))
            await asyncio.sleep(PAUSE)
            for row in rows:
                self.index.unload(row.id)
        finally:
            lane.refilling = False
