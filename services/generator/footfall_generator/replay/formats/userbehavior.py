"""The UserBehavior file format: user_id, item_id, category_id, behavior, timestamp in seconds; no header.

Well-formed blocks are read at once; a block with anything unusual in it is read line by line, so that each bad line is
known by its number and its reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from footfall_generator.events.arrays import Ints
from footfall_generator.replay.formats.csv_rows import MOST_LINES, BrokenRowError, read_rows
from footfall_generator.replay.formats.recorded import SLACK
from footfall_generator.replay.formats.recorded_file import next_line, opened
from footfall_generator.replay.formats.set_apart import SetApart

BEHAVIORS = ("pv", "cart", "fav", "buy")
COLUMNS = ("user_id", "item_id", "category_id", "behavior", "timestamp")
BLOCK = 1 << 21
"""Bytes read at once."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST_DIGITS = 18
QUOTE = b'"'
_QUOTED = re.compile(rb'(?<![^,\n])"([^"\n,]*)"(?=[,\r\n])')
"""A field in quotes that would read the same without them."""
_POWERS = 10 ** np.arange(1, MOST_DIGITS + 1, dtype=np.int64)


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


def read(path: Path, now: datetime) -> Iterator[tuple[Behaviors, list[SetApart]]]:
    """Read the file block by block.

    Args:
        path: The file; a byte order mark, Windows line ends and quotes are understood.
        now: Timestamps more than a day later are set apart.

    Raises:
        OSError: The file cannot be read.
    """
    bounds = int(EARLIEST.timestamp()), int((now + SLACK).timestamp())
    first_line = 1
    with opened(path) as file:
        for block in _blocks(file):
            lines = block.count(b"\n")
            behaviors = _read_block(block, lines, first_line, bounds)
            yield (behaviors, []) if behaviors else _read_lines(block, first_line, bounds)
            first_line += lines


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Cut the file into blocks of whole rows."""
    while block := file.read(BLOCK):
        block += next_line(file)
        for _ in range(MOST_LINES):
            # A quote that is still open holds line ends; as a rule there are no quotes at all.
            if block.count(QUOTE) % 2 == 0:
                break
            block += next_line(file)
        yield block if block.endswith(b"\n") else block + b"\n"


def _read_block(block: bytes, lines: int, first_line: int, bounds: tuple[int, int]) -> Behaviors | None:
    """Return the rows, or None if any line is not exactly as it should be."""
    if QUOTE in block:
        block = _QUOTED.sub(rb"\1", block)
        if QUOTE in block:
            return None
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


def _read_lines(block: bytes, first_line: int, bounds: tuple[int, int]) -> tuple[Behaviors, list[SetApart]]:
    good: list[tuple[int, ...]] = []
    bad: list[SetApart] = []
    lines = (line + "\n" for line in block[:-1].decode(errors="backslashreplace").split("\n"))
    for number, fields in read_rows(lines, first_line):
        row = _read_row(number, fields, bounds)
        if isinstance(row, SetApart):
            bad.append(row)
        else:
            good.append(row)
    columns = np.array(good, dtype=np.int64).reshape(-1, 1 + len(COLUMNS)).T
    return Behaviors(*columns), bad


def _read_row(number: int, fields: list[str] | BrokenRowError, bounds: tuple[int, int]) -> tuple[int, ...] | SetApart:
    if isinstance(fields, BrokenRowError):
        return SetApart(number, "quotes that do not match", str(fields))
    if not fields:
        return SetApart(number, "blank line", "blank line")
    if len(fields) != len(COLUMNS):
        return SetApart(number, "number of columns", f"{len(fields)} columns instead of {len(COLUMNS)}")
    if flaw := next(filter(None, map(_flaw, COLUMNS, fields)), None):
        return SetApart(number, *flaw)
    user, item, category, behavior, time = fields
    if not bounds[0] <= int(time) <= bounds[1]:
        return SetApart(number, "out of range", f"timestamp {_shown(time)} is out of range")
    return number, int(user), int(item), int(category), BEHAVIORS.index(behavior), int(time)


def _flaw(name: str, text: str) -> tuple[str, str] | None:
    """Return what is wrong with a field: the kind of flaw, and the vocabulary."""
    if name == "behavior":
        if text in BEHAVIORS:
            return None
        return "unknown behavior", f"behavior {_shown(text)} is none of {', '.join(BEHAVIORS)}"
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return "no whole number", f"{name} {_shown(text)} is not a whole number"
    if digits != text or len(text) > MOST_DIGITS:
        return "out of range", f"{name} {_shown(text)} is out of range"
    return None


def _shown(text: str) -> str:
    return repr(text[:40])
