"""What an adapter is: the one interface between the exporter and a store (docs/sinks.md, "Write an adapter")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from footfall_schemas.errors import TransientError

from footfall_exporter.batch import Batch, Refusal
from footfall_exporter.streams import Stream


class SinkUnavailableError(TransientError):
    """The sink cannot take rows now: it is away, slow, full or throttles; the message says which.

    The same rows come again after a pause.

    Args:
        message: What keeps it, and the cure if there is one.
        retry_after: Seconds that it asks to be left alone, if it says so.
        needs_action: Whether waiting does not help and a person must act: credentials are refused, there is no quota. The
            stream is then tried again every few minutes only.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, needs_action: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.needs_action = needs_action


class GoneError(SinkUnavailableError):
    """A table, or what tables are in, is not there: for adapters, which know what to make anew."""


@dataclass(frozen=True)
class Outcome:
    """What became of a batch's rows: those that are named nowhere here are stored, durably."""

    refused: Sequence[Refusal] = ()
    """Will never be taken; they become dead letters."""
    again: Sequence[int] = ()
    """Indices of rows that the sink could not take now; only they come again, after a pause."""
    why: str = ""
    """Why they must come again, as the sink says it."""
    retry_after: float | None = None
    """Seconds that the sink asks to be left alone before they come, if it says so."""


@dataclass(frozen=True)
class Life:
    """One life of a topic: offsets mean something within it only."""

    topic_id: str
    partitions: int


class Sink(Protocol):
    """A store; used by one thread.

    Every method may raise `SinkUnavailableError`, and is called again later.
    """

    name: str
    """As it stands in EXPORTER_SINKS."""

    def prepare(self, stream: Stream) -> None:
        """Make the place of a stream's rows, or add the columns that it lacks; never remove anything."""

    def life(self, stream: Stream) -> Life | None:
        """Return the life of the topic whose rows it holds; None if it holds none."""

    def begin(self, stream: Stream, life: Life) -> None:
        """Keep the life of the topic whose rows follow."""

    def progress(self, stream: Stream, partition: int) -> int | None:
        """Return the offset from which it has nothing of a partition; None: it does not know, the committed offset holds."""

    def write(self, batch: Batch) -> Outcome:
        """Store rows, durably when it returns.

        The same rows may come again after a crash: writing a row twice must be writing it once.

        Raises:
            NotOursError: What `batch.confirm_ours` raises.
        """

    def place(self, stream: Stream) -> str:
        """Return where the rows of a stream are, for messages: what to move away when its topic was made anew."""

    def close(self) -> None:
        """Close connections."""
