"""The UserBehavior file format: user_id, item_id, category_id, behavior, timestamp in seconds; no header.

Well-formed blocks are read at once; a block with anything unusual in it is read line by line, so that each bad line is
known by its number and its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from footfall_generator.arrays import Ints

BEHAVIORS = ("pv", "cart", "fav", "buy")
COLUMNS = ("user_id", "item_id", "category_id", "behavior", "timestamp")
BLOCK = 1 << 21
"""Bytes read at once."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
SLACK = timedelta(days=1)
"""How far a timestamp may lie in the future."""
MOST_DIGITS = 18
BOM = b"\xef\xbb\xbf"
_POWERS = 10 ** np.arange(1, MOST_DIGITS + 1, dtype=np.int64)


@dataclass(frozen=True)
class MalformedLine:
    """A line that was left out."""

    number: int
    """Counted from 1."""
    reason: str


@dataclass(frozen=True)
class Behaviors:
    """Rows of the file by columns."""

    line: Ints
    user: Ints
    item: Ints
    category: Ints
    behavior: Ints
    """Position in BEHAVIORS."""
    time: Ints
    """Seconds since 1970."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.line)

    def pick(self, which: Ints | slice) -> "Behaviors":
        """Return some of the rows."""
        columns = (self.line, self.user, self.item, self.category, self.behavior, self.time)
        return Behaviors(*(column[which] for column in columns))

    @classmethod
    def concat(cls, parts: list["Behaviors"]) -> "Behaviors":
        """Return the rows of all parts, one after the other."""
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0, dtype=np.int64)])
                for name in ("line", "user", "item", "category", "behavior", "time")
            )
        )


def read(path: Path, now: datetime) -> Iterator[tuple[Behaviors, list[MalformedLine]]]:
    """Read the file block by block.

    Args:
        path: The file; a byte order mark and Windows line ends are understood.
        now: Timestamps more than a day later are malformed.

    Raises:
        OSError: The file cannot be read.
    """
    bounds = int(EARLIEST.timestamp()), int((now + SLACK).timestamp())
    first_line = 1
    with path.open("rb") as file:
        if file.read(len(BOM)) != BOM:
            file.seek(0)
        for block in _blocks(file):
            lines = block.count(b"\n")
            behaviors = _read_block(block, lines, first_line, bounds)
            yield (behaviors, []) if behaviors else _read_lines(block, first_line, bounds)
            first_line += lines


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Cut the file into blocks of whole lines."""
    while block := file.read(BLOCK):
        block += file.readline()
        yield block if block.endswith(b"\n") else block + b"\n"


def _read_block(block: bytes, lines: int, first_line: int, bounds: tuple[int, int]) -> Behaviors | None:
    """Return the rows, or None if any line is not exactly as it should be."""
    integers = dict.fromkeys((name for name in COLUMNS if name != "behavior"), pa.int64())
    try:
        table = csv.read_csv(
            pa.BufferReader(block),
            read_options=csv.ReadOptions(column_names=COLUMNS, use_threads=False, block_size=len(block) + 1),
            parse_options=csv.ParseOptions(quote_char=False),
            convert_options=csv.ConvertOptions(column_types=integers | {"behavior": pa.binary()}, null_values=[]),
        )
    except pa.ArrowInvalid:
        return None
    behavior = pc.index_in(table["behavior"], pa.array([name.encode() for name in BEHAVIORS]))
    if len(table) != lines or behavior.null_count:
        return None
    user, item, category, time = (table[name].to_numpy() for name in COLUMNS if name != "behavior")
    ids = (user, item, category)
    if min(map(np.min, ids)) < 0 or max(map(np.max, ids)) >= _POWERS[-1]:
        return None
    if time.min() < bounds[0] or time.max() > bounds[1]:
        return None
    # Arrow forgives blanks, signs and empty lines; if nothing was forgiven, the columns account for every byte.
    written = sum(_digits(column) for column in (*ids, time)) + lines * len(COLUMNS)
    written += pc.sum(pc.binary_length(table["behavior"])).as_py() + block.count(b"\r\n")
    if written != len(block):
        return None
    return Behaviors(
        np.arange(first_line, first_line + lines), user, item, category, behavior.to_numpy().astype(np.int64), time
    )


def _digits(column: Ints) -> int:
    return len(column) + int(np.searchsorted(_POWERS, column, side="right").sum())


def _read_lines(block: bytes, first_line: int, bounds: tuple[int, int]) -> tuple[Behaviors, list[MalformedLine]]:
    good, bad = [], []
    for number, line in enumerate(block[:-1].split(b"\n"), first_line):
        fields = _read_line(line, bounds)
        if isinstance(fields, str):
            bad.append(MalformedLine(number, fields))
        else:
            good.append((number, *fields))
    columns = np.array(good, dtype=np.int64).reshape(-1, 1 + len(COLUMNS)).T
    return Behaviors(*columns), bad


def _read_line(line: bytes, bounds: tuple[int, int]) -> tuple[int, int, int, int, int] | str:
    """Return the row, or what is wrong with the line."""
    line = line.removesuffix(b"\r")
    if not line.strip():
        return "blank line"
    fields = line.split(b",")
    if len(fields) != len(COLUMNS):
        return f"{len(fields)} columns instead of {len(COLUMNS)}"
    if flaws := list(filter(None, map(_flaw, COLUMNS, fields))):
        return flaws[0]
    user, item, category, behavior, time = fields
    if not bounds[0] <= int(time) <= bounds[1]:
        return f"timestamp {_shown(time)} is out of range"
    return int(user), int(item), int(category), BEHAVIORS.index(behavior.decode()), int(time)


def _flaw(name: str, text: bytes) -> str | None:
    if name == "behavior":
        known = text.decode(errors="replace") in BEHAVIORS
        return None if known else f"behavior {_shown(text)} is none of {', '.join(BEHAVIORS)}"
    if not text.removeprefix(b"-").isdigit():
        return f"{name} {_shown(text)} is no whole number"
    if text.startswith(b"-") or len(text) > MOST_DIGITS:
        return f"{name} {_shown(text)} is out of range"
    return None


def _shown(text: bytes) -> str:
    return repr(text[:40].decode(errors="backslashreplace"))
