"""Jobs in hand, and who waits for them."""

import asyncio
from dataclasses import dataclass, field

from footfall_alerting.job import Job


class Batch:
    """The jobs of one record, until each is finished or durable."""

    def __init__(self) -> None:
        self._left = 0
        self._done: asyncio.Future[None] | None = None

    def expect(self) -> None:
        """Wait for one more."""
        self._left += 1

    def settled(self) -> None:
        """Wait for one less."""
        self._left -= 1
        if not self._left and self._done is not None and not self._done.done():
            self._done.set_result(None)

    async def wait(self) -> None:
        """Return when nothing is left to wait for."""
        if self._left:
            self._done = asyncio.get_running_loop().create_future()
            await self._done


@dataclass(eq=False, slots=True)
class Ticket:
    """A job in this worker's memory."""

    job: Job
    partition: int
    arrived: float
    """When it came into memory, epoch seconds."""
    batches: list[Batch] = field(default_factory=list)
    writes: int = 0
    """States of it that were given to the jobs topic; 0: nothing of it is there."""
    offset: int = -1
    """Of its newest durable state."""
    queued: bool = False
    """Whether it is in its endpoint's queue."""
    under_way: bool = False
    """Whether an attempt is."""
    settled: bool = False
    """Whether its records may be acknowledged."""
    gone: bool = False
    """Whether it is finished, or another worker's."""

    def join(self, batch: Batch) -> None:
        """Let a record wait for this job as well."""
        if not self.settled:
            batch.expect()
            self.batches.append(batch)

    def settle(self) -> None:
        """Let its records be acknowledged."""
        self.settled = True
        for batch in self.batches:
            batch.settled()
        self.batches.clear()
