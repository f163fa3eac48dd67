"""What a format of recorded files is to a replay: it reads rows by columns, and makes events of them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol, Self, TypeVar

from footfall_schemas.errors import PermanentError

from footfall_generator.events.arrays import Ints
from footfall_generator.events.rows import Rows
from footfall_generator.replay.formats.set_apart import SetApart

SLACK = timedelta(days=1)
"""How far ahead of the clock a recorded time may lie."""


class FormatError(PermanentError, ValueError):
    """The file is not of this format, or the format takes no such option; the message is one line."""


class Recorded(Protocol):
    """Rows of a file by columns."""

    @property
    def line(self) -> Ints:
        """Number of the row's first line, counted from 1."""

    @property
    def time(self) -> Ints:
        """Seconds since 1970."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def pick(self, which: Ints | slice) -> Self:
        """Return some of the rows."""


Batch = TypeVar("Batch", bound=Recorded)


class Format(Protocol[Batch]):
    """One kind of file."""

    @property
    def name(self) -> str:
        """What `--format` calls it."""

    @property
    def currency(self) -> str:
        """What its amounts are in."""

    @property
    def row(self) -> str:
        """How to say that no line becomes an event."""

    def read(self, path: Path, now: datetime) -> Iterator[tuple[Batch, list[SetApart]]]:
        """Read the file block by block, in its own order.

        Args:
            path: The file.
            now: Whatever happened more than a day later is set apart.

        Raises:
            FormatError: The file is of another kind.
            OSError: The file cannot be read.
        """

    def concat(self, parts: list[Batch]) -> Batch:
        """Return the rows of all parts, one after the other."""

    def encoder(self, fingerprint: str, schema_ids: Mapping[str, int]) -> Callable[[Batch], list[Rows]]:
        """Return what turns rows into events; ids follow from the file's fingerprint and the line."""

    def net(self, batch: Batch) -> Decimal | None:
        """Return what was paid less what was paid back; None if the format knows no prices."""
