"""The Online Retail file format: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.

A header names the columns, in any order. One line is one line of an invoice: a sale, or a refund if the invoice is a
cancellation (C…) or the quantity is negative.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from footfall_generator.replay.formats.csv_rows import BrokenRowError, read_rows
from footfall_generator.replay.formats.local_time import LocalClock
from footfall_generator.replay.formats.online_retail_line import Line, LineReader, find_columns
from footfall_generator.replay.formats.online_retail_rows import RetailRows
from footfall_generator.replay.formats.recorded import SLACK, FormatError
from footfall_generator.replay.formats.recorded_file import next_line, opened
from footfall_generator.replay.formats.set_apart import SetApart

BLOCK = 50_000
"""Rows of the file read at once."""


def read(path: Path, now: datetime, zone: ZoneInfo) -> Iterator[tuple[RetailRows, list[SetApart]]]:
    """Read the file block by block.

    Args:
        path: The file.
        now: What happened more than a day later is set apart.
        zone: Where the shop's clock hangs.

    Raises:
        FormatError: The header is not that of such a file.
        OSError: The file cannot be read.
    """
    with opened(path) as file:
        rows = read_rows(_lines(file), 1)
        _, header = next(rows, (1, []))
        if isinstance(header, BrokenRowError):
            raise FormatError(f"{path}: {header}")
        try:
            reader = LineReader(find_columns(header), LocalClock(zone, now + SLACK))
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from None
        while block := list(islice(rows, BLOCK)):
            yield _read(reader, block)


def _read(reader: LineReader, block: list[tuple[int, list[str] | BrokenRowError]]) -> tuple[RetailRows, list[SetApart]]:
    numbers: list[int] = []
    good: list[Line] = []
    bad: list[SetApart] = []
    for number, row in block:
        if isinstance(row, BrokenRowError):
            bad.append(SetApart(number, "quotes that do not match", str(row)))
            continue
        line = reader.read(number, row)
        if isinstance(line, SetApart):
            bad.append(line)
        else:
            numbers.append(number)
            good.append(line)
    return RetailRows.of(numbers, good), bad


def _lines(file: BinaryIO) -> Iterator[str]:
    """Return the lines; one that is no UTF-8 is read as Latin-1, in which one of the public copies is written."""
    while line := next_line(file):
        try:
            yield line.decode()
        except UnicodeDecodeError:
            yield line.decode("latin-1")
