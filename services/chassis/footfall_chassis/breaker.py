"""A circuit breaker for each partition: what becomes of exceptions of our own code on records that can be read.

Such a record is tried once more and then becomes a dead letter. When that happens to several in a row, or to too many of
the last ones, the fault is not the record's: the breaker opens, which pauses the partition and leaves the record where it
is. The service stays up, goes on with the other partitions and is not ready. The next owner of the partition, after a
rebalance or with a fixed release after a restart, begins with the first record that is not settled.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import structlog

from footfall_chassis.health import CheckResult
from footfall_chassis.metrics import counter, gauge
from footfall_chassis.records import DeadLetters, Record
from footfall_chassis.settings import ConsumerSettings

RETRY_PAUSE = 0.2
"""Seconds before the second attempt at a record."""
SAMPLE = 100
"""Records of a partition among which failures are counted."""

FAULTS = counter("footfall_record_faults_total", "Readable records on which our own code failed twice.")
PAUSED = gauge("footfall_paused_partitions", "Partitions paused because our own code fails on their records.")

Settle: TypeAlias = Callable[[Record], Awaitable[None]]
Place: TypeAlias = tuple[str, int]
"""Topic and partition."""

log = structlog.get_logger(__name__)


class Partitions(Protocol):
    """The partitions that this worker reads."""

    @property
    def generation(self) -> int:
        """Number of the assignment, which grows with every rebalance."""

    def pause(self, record: Record) -> None:
        """Read no more of the record's partition, and commit nothing from this record on, until the next rebalance."""


@dataclass
class Tally:
    """How the last records of one partition ended."""

    in_a_row: int = 0
    """Failures since the last success."""
    last: deque[bool] = field(default_factory=lambda: deque(maxlen=SAMPLE))
    """Whether each failed."""
    opened_at: int | None = None
    """Offset that opened the breaker last."""

    def note(self, *, failed: bool) -> None:
        """Count one record."""
        self.in_a_row = self.in_a_row + 1 if failed else 0
        self.last.append(failed)


@dataclass
class Breaker:
    """Settles records, whatever our own code does to them."""

    dead_letters: DeadLetters
    partitions: Partitions
    in_a_row: int
    """Failures one after the other that open it."""
    share: float
    """Share of the last `SAMPLE` records that may fail."""
    _tallies: dict[Place, Tally] = field(default_factory=dict)
    _opened: dict[Place, tuple[Record, str]] = field(default_factory=dict)
    """Records that opened it, with the reason."""

    def __post_init__(self) -> None:
        PAUSED.set_function(lambda: len(self._paused()))

    @classmethod
    def of(cls, settings: ConsumerSettings, dead_letters: DeadLetters, partitions: Partitions) -> "Breaker":
        """Return one with the limits of the settings."""
        return cls(dead_letters, partitions, settings.faults_in_a_row, settings.faults_share)

    def is_open(self, record: Record) -> bool:
        """Tell whether this record must be left alone, since its partition is paused."""
        opened = self._opened.get((record.topic, record.partition))
        return opened is not None and opened[0].generation == record.generation

    async def settle(self, record: Record, settle: Settle) -> bool:
        """Return whether the record is settled: handled or a dead letter. Otherwise it must not be acknowledged."""
        if self.is_open(record):
            return False
        error = await self._attempt(record, settle)
        if error is not None:
            log.warning("record tried again", position=record.position, error=describe(error))
            await asyncio.sleep(RETRY_PAUSE)
            error = await self._attempt(record, settle)
        tally = self._tallies.setdefault((record.topic, record.partition), Tally())
        if error is None:
            tally.note(failed=False)
            return True
        if record.generation != self.partitions.generation:
            return False  # it is read again, here or by another worker
        FAULTS.inc()
        if self.is_open(record):
            self.partitions.pause(record)  # it was begun before the breaker opened
            return False
        tally.note(failed=True)
        if self._is_too_much(tally, record):
            self._open(tally, record, error)
            return False
        log.error("record failed twice", position=record.position, exc_info=error)
        await self.dead_letters.add(record, "process", describe(error))
        return True

    def status(self) -> CheckResult:
        """Tell which partitions are paused, by which record and exception."""
        if paused := self._paused():
            reasons = "; ".join(f"{record.position} fails with {reason}" for record, reason in paused)
            cure = "nothing there is read or lost until a fixed release starts"
            return CheckResult(ok=False, detail=f"{len(paused)} partitions are paused: {reasons}; {cure}")
        return CheckResult(ok=True, detail="no partition is paused")

    def _paused(self) -> list[tuple[Record, str]]:
        generation = self.partitions.generation
        return [opened for opened in self._opened.values() if opened[0].generation == generation]

    def _is_too_much(self, tally: Tally, record: Record) -> bool:
        # After a rebalance the same record comes again; nothing before it was wrong enough, so no more are given up.
        again = record.offset == tally.opened_at
        return again or tally.in_a_row >= self.in_a_row or sum(tally.last) > self.share * SAMPLE

    def _open(self, tally: Tally, record: Record, error: BaseException) -> None:
        tally.opened_at = record.offset
        tally.in_a_row = 0
        tally.last.clear()
        self._opened[record.topic, record.partition] = (record, describe(error))
        self.partitions.pause(record)
        log.error("partition paused", position=record.position, error=describe(error), exc_info=error)

    async def _attempt(self, record: Record, settle: Settle) -> BaseException | None:
        try:
            await settle(record)
        except asyncio.CancelledError as error:
            # One that nobody asked for is a fault like any other, and would leave the record in hand for ever.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return error
        except Exception as error:  # noqa: BLE001  whatever our own code does, the process goes on
            return error
        return None


def describe(error: BaseException) -> str:
    """Return the exception in one line; of a group the first that is none."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
