"""Avro bodies of many messages read a field at a time, for all messages at once. Pure.

Each message has a cursor; a field moves all of them. A message is read rightly if its cursor ends where the message does:
cursors only move forward, so none can have read beyond its end. Whatever is unusual raises `UnusualError`, and is read
message by message.
"""

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
from footfall_schemas.codec import HEADER
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json
from numpy.typing import NDArray

from footfall_exporter.columns import DECIMAL_BYTES
from footfall_exporter.types import type_of

Numbers = NDArray[np.int64]
LONGEST = 10
"""Bytes of a number."""
HIGH = 0x80
"""Set in every byte of a number but its last, and in the first of a negative decimal."""
PADDING = bytes(LONGEST + DECIMAL_BYTES)
"""Behind the last message, so that a cursor that has gone astray reads something."""
NUMBERS = {"int": np.int32, "long": np.int64}


class UnusualError(PermanentError):
    """A message or a schema that is not read this way."""


def read_columns(schema: Json, values: Sequence[bytes]) -> list[pa.Array]:
    """Return a column for each field of messages that were all written with this schema.

    Args:
        schema: Of the record, logical types included.
        values: Whole messages, header included.

    Raises:
        UnusualError: A list or a record within the record, or any message that is not exactly one value.
    """
    lengths = np.fromiter(map(len, values), np.int64, len(values))
    ends = np.cumsum(lengths)
    reader = _Reader(np.frombuffer(b"".join(values) + PADDING, np.uint8), ends - lengths + HEADER.size)
    columns = [reader.column(field["type"]) for field in schema["fields"]]
    if not np.array_equal(reader.at, ends):
        _unusual()
    return columns


class _Reader:
    def __init__(self, data: NDArray[np.uint8], at: Numbers) -> None:
        self.data = data
        self.at = at

    def column(self, type_: Any) -> pa.Array:
        if not isinstance(type_, list):
            return self._plain(type_, self._everybody())
        branches = self._integers(self._everybody())
        if len(type_) != 2 or "null" not in type_ or np.any((branches < 0) | (branches > 1)):  # noqa: PLR2004  two branches
            _unusual()
        there = branches != type_.index("null")
        found = self._plain(next(each for each in type_ if each != "null"), np.flatnonzero(there))
        if there.all():
            return found
        return found.take(pa.array(np.where(there, np.cumsum(there) - 1, 0), pa.int64(), mask=~there))

    def _everybody(self) -> Numbers:
        return np.arange(len(self.at))

    def _plain(self, type_: Any, who: Numbers) -> pa.Array:
        arrow, name = type_of(type_), type_ if isinstance(type_, str) else type_["type"]
        if name in NUMBERS:
            found = self._integers(who)
            narrow = found.astype(NUMBERS[name])
            if not np.array_equal(found, narrow):
                _unusual()
            return pa.array(narrow).view(arrow)
        if name == "double":
            return pa.array(np.ascontiguousarray(self._fixed(who, 8)).view("<f8").reshape(-1))
        if name == "boolean":
            bits = self._fixed(who, 1).reshape(-1)
            if np.any(bits > 1):
                _unusual()
            return pa.array(bits.astype(bool))
        if pa.types.is_decimal(arrow):
            return self._decimals(arrow, who)
        if name == "string":
            return self._texts(who)
        raise UnusualError

    def _fixed(self, who: Numbers, size: int) -> NDArray[np.uint8]:
        begins = self._here(who)
        self.at[who] += size
        return self.data[begins[:, None] + np.arange(size)]

    def _here(self, who: Numbers) -> Numbers:
        begins = self.at[who]
        if len(begins) and begins.max() > len(self.data) - len(PADDING):
            _unusual()
        return begins

    def _integers(self, who: Numbers) -> Numbers:
        """Read zigzag numbers; those that are still going on after a byte are read further."""
        at = self._here(who).copy()
        found = np.zeros(len(who), np.uint64)
        going = np.arange(len(who))
        for position in range(LONGEST):
            byte = self.data[at[going]]
            found[going] |= (byte & 0x7F).astype(np.uint64) << np.uint64(7 * position)
            at[going] += 1
            going = going[byte >= HIGH]
            if not len(going):
                break
            if position == LONGEST - 2 and np.any(self.data[at[going]] > 1):
                _unusual()
        self.at[who] = at
        return (found >> np.uint64(1)).astype(np.int64) ^ -(found & np.uint64(1)).astype(np.int64)

    def _lengths(self, who: Numbers) -> tuple[Numbers, Numbers]:
        lengths = self._integers(who)
        begins = self.at[who]
        if np.any(lengths < 0) or np.any(lengths > len(self.data) - len(PADDING) - begins):
            _unusual()
        self.at[who] = begins + lengths
        return begins, lengths

    def _texts(self, who: Numbers) -> pa.Array:
        begins, lengths = self._lengths(who)
        offsets = np.zeros(len(who) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        if offsets[-1] > np.iinfo(np.int32).max:
            _unusual()
        text = self.data[np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], lengths)]
        array = pa.Array.from_buffers(
            pa.string(), len(who), [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(text)]
        )
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            _unusual()
        return array

    def _decimals(self, arrow: pa.Decimal128Type, who: Numbers) -> pa.Array:
        begins, lengths = self._lengths(who)
        if np.any((lengths > DECIMAL_BYTES) | (lengths == 0)):
            _unusual()
        ends = begins + lengths
        negative = self.data[begins] >= HIGH
        bytes_ = np.repeat(np.where(negative, 0xFF, 0).astype(np.uint8)[:, None], DECIMAL_BYTES, axis=1)
        for position in range(int(lengths.max(initial=0))):
            there = np.flatnonzero(lengths > position)
            bytes_[there, position] = self.data[ends[there] - 1 - position]
        array = pa.Array.from_buffers(arrow, len(who), [None, pa.py_buffer(bytes_)])
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            _unusual()
        return array


def _unusual() -> NoReturn:
    raise UnusualError
