"""Rows on their way from one partition into a sink."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

import pyarrow as pa
from footfall_schemas.errors import PermanentError

from footfall_exporter.streams import Stream


class Message(NamedTuple):
    """One Kafka message."""

    offset: int
    time: int
    """When the broker appended it, in epoch milliseconds."""
    key: bytes | None
    value: bytes | None
    """None deletes the row of this key."""


@dataclass(frozen=True)
class Refusal:
    """A row that will never be taken."""

    offset: int
    reason: str


def _is_ours() -> None:
    """Nobody else can have the partition."""


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of one partition; what an adapter writes."""

    stream: Stream
    partition: int
    first: int
    """Offset from which the sink has nothing of this partition yet."""
    last: int
    """Offset of the last message that this batch settles."""
    rows: pa.Table
    """The stream's columns."""
    offsets: Sequence[int]
    """Of each row."""
    keys: Sequence[str]
    """Record key of each row; of an append stream empty."""
    deleted: Sequence[bool]
    """Whether each row is a deletion, whose columns are null; of an append stream empty."""
    time: int
    """When the broker appended the first of its messages, in epoch milliseconds; all are of one day in UTC."""
    confirm_ours: Callable[[], None] = field(default=_is_ours, compare=False)
    """Raises `NotOursError` when another instance has the partition; to be called right before the sink is changed."""

    @property
    def day(self) -> date:
        """Day in UTC on which its messages were appended."""
        return datetime.fromtimestamp(self.time / 1000, UTC).date()

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def only(self, indices: Sequence[int]) -> "Batch":
        """Return the batch with these of its rows; it settles the same offsets."""
        return replace(
            self,
            rows=self.rows.take(pa.array(indices, pa.int64())),
            offsets=[self.offsets[index] for index in indices],
            keys=[self.keys[index] for index in indices] if self.keys else (),
            deleted=[self.deleted[index] for index in indices] if self.deleted else (),
        )


class NotOursError(PermanentError):
    """Another instance has the partition; what is held of it is let go."""
