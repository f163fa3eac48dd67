"""Where jobs go that are given up."""

from dataclasses import dataclass

from footfall_chassis.records import DeadLetters, Record

from footfall_alerting.job import Job


@dataclass(frozen=True)
class Burial:
    """Keeps dead jobs as dead letters: every attempt in the value, the reason in the header `error`."""

    dead_letters: DeadLetters
    source: str
    """Name of the topic of jobs."""

    async def bury(self, job: Job, partition: int, reason: str, detail: str) -> None:
        """Keep a dead job and why; returns when it is safe."""
        # It may never have been in the topic of jobs, and so has no offset there.
        record = Record(self.source, partition, -1, job.webhook_id.encode(), job.encode())
        await self.dead_letters.add(record, "deliver", f"{reason}: {detail}")
