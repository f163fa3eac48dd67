"""What the queue needs of others."""

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from typing import Protocol

from footfall_alerting.job import Job, Message
from footfall_alerting.policy import Outcome
from footfall_alerting.queue.index import Row


class Sender(Protocol):
    """Attempts an endpoint."""

    async def attempt(self, job: Job) -> Outcome:
        """Try once; whatever the receiver does is an outcome."""


class Standing(Protocol):
    """How endpoints stand."""

    def is_disabled(self, endpoint: str) -> bool:
        """Tell whether an endpoint gets nothing any more."""

    def observe(self, endpoint: str, outcome: Outcome, job: Job) -> None:
        """Learn of an attempt."""


class MessageLog(Protocol):
    """Keeps how far jobs have come."""

    def put(self, message: Message, partition: int) -> None:
        """Take a message of a partition's job; returns at once."""


class Meter(Protocol):
    """Counts what becomes of one endpoint's jobs."""

    def began(self, waited: float) -> None:
        """Count a turn that has come, so many seconds after it was due."""

    def attempted(self, outcome: Outcome) -> None:
        """Count an attempt."""

    def delivered(self, after: float) -> None:
        """Count a delivery, so many seconds after the event."""

    def retried(self) -> None:
        """Count a job that waits for another attempt."""

    def gave_up(self, reason: str) -> None:
        """Count a dead letter."""


class Journal(Protocol):
    """The jobs topic."""

    def write(self, partition: int, job: Job) -> Awaitable[int]:
        """Append a job's state; the offset follows when it is durable. States are appended in the order of calls."""

    def erase(self, partition: int, webhook_id: str) -> Awaitable[int]:
        """Append that a job is finished."""

    async def load(self, rows: Sequence[Row]) -> Mapping[str, Job]:
        """Read jobs back; those that are not where the rows say are left out."""

    def replay(self, partition: int) -> AsyncIterator[Iterable[tuple[str, Row | None]]]:
        """Read a partition to its end, in pieces."""

    async def finished(self, partition: int) -> list[tuple[str, float]]:
        """Return the ids of the jobs that were finished last, and when (epoch seconds), oldest first."""


class Undertaker(Protocol):
    """Keeps what is given up."""

    async def bury(self, job: Job, partition: int, reason: str, detail: str) -> None:
        """Keep a dead job and why; returns when it is safe."""
