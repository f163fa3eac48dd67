"""Avro's binary encoding, read as strictly as the specification has it. Pure.

The same as Flink's format reads it (flink/connector, `AvroBytes`): what one finds unreadable, the other does, too.
"""

import struct
from collections.abc import Iterator

from footfall_schemas.errors import PermanentError

MAX_ITEMS = 100_000
"""Items of lists and nested records of one message: some take no bytes at all, so the message's length is no bound."""
MAX_DEPTH = 100
"""Records within records."""
LONGEST_LONG = 10
"""Bytes; the tenth has room for one bit."""
MORE = 0x80
"""Set in every byte of a number but its last."""
_FLOAT, _DOUBLE = struct.Struct("<f"), struct.Struct("<d")


class EncodingError(PermanentError, ValueError):
    """These bytes are no value of the schema."""


class Body:
    """A message and how far it has been read.

    Args:
        data: The message.
        at: Where its Avro body begins.
    """

    __slots__ = ("_depth", "_items", "at", "data")

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at
        self._items = 0
        self._depth = 0

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return len(self.data) - self.at

    def count(self, items: int) -> None:
        """Count items before they are read."""
        if items > MAX_ITEMS - self._items:
            raise EncodingError(f"more than {MAX_ITEMS} items")
        self._items += items

    def enter_record(self) -> None:
        """Begin a record within a record."""
        self.count(1)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise EncodingError(f"records nested deeper than {MAX_DEPTH}")

    def leave_record(self) -> None:
        """End a record within a record."""
        self._depth -= 1

    def read_long(self) -> int:
        """Read a zig-zag varint of at most 64 bits."""
        data, at = self.data, self.at
        if at >= len(data):
            raise EncodingError("the message ends within a value")
        first = data[at]
        if first < MORE:
            self.at = at + 1
            return (first >> 1) ^ -(first & 1)
        value = 0
        for index in range(LONGEST_LONG):
            if at + index >= len(data):
                raise EncodingError("the message ends within a value")
            byte = data[at + index]
            value |= (byte & 0x7F) << 7 * index
            if byte < MORE:
                if value >> 64:
                    break
                self.at = at + index + 1
                return (value >> 1) ^ -(value & 1)
        raise EncodingError("a number longer than 64 bits")

    def read_int(self) -> int:
        """Read a number of 32 bits."""
        value = self.read_long()
        if not -(1 << 31) <= value < 1 << 31:
            raise EncodingError("a number outside 32 bits")
        return value

    def read_boolean(self) -> bool:
        """Read one byte, which must be 0 or 1."""
        value = self.read_fixed(1)[0]
        if value > 1:
            raise EncodingError(f"a boolean that is {value}")
        return value == 1

    def read_float(self) -> float:
        """Read a number of single precision."""
        value: float = _FLOAT.unpack(self.read_fixed(4))[0]
        return value

    def read_double(self) -> float:
        """Read a number of double precision."""
        at = self.at
        if at + 8 > len(self.data):
            raise EncodingError("the message ends within a value")
        self.at = at + 8
        value: float = _DOUBLE.unpack_from(self.data, at)[0]
        return value

    def read_bytes(self) -> bytes:
        """Read bytes after their number."""
        data, at = self.data, self.at
        # Of most texts the length is one byte, and every record has some: a call less for each.
        if at < len(data) and (first := data[at]) < MORE and not first & 1:
            end = at + 1 + (first >> 1)
            if end <= len(data):
                self.at = end
                return data[at + 1 : end]
        return self.read_fixed(self.read_length())

    def read_length(self) -> int:
        """Read the number of bytes that follow."""
        length = self.read_long()
        if not 0 <= length <= self.left:
            raise EncodingError(f"a length of {length} where {self.left} bytes are left")
        return length

    def read_fixed(self, length: int) -> bytes:
        """Read so many bytes."""
        start, self.at = self.at, self.at + length
        if self.at > len(self.data):
            raise EncodingError("the message ends within a value")
        return self.data[start : self.at]

    def read_text(self) -> str:
        """Read a string, which must be UTF-8."""
        return as_text(self.read_bytes())

    def read_index(self, size: int, what: str) -> int:
        """Read the branch of a union or the symbol of an enum."""
        index = self.read_long()
        if not 0 <= index < size:
            raise EncodingError(f"{what} {index} of {size}")
        return index

    def read_blocks(self) -> Iterator[None]:
        """Read the blocks of an array or a map: once per item, which is then to be read."""
        while count := self.read_long():
            if count < 0:
                count = -count
                self.read_long()  # the block's size in bytes, of no use where every item is checked
            self.count(count)
            for _ in range(count):
                yield


def as_text(data: bytes) -> str:
    """Return bytes as text.

    Raises:
        EncodingError: They are not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise EncodingError("a string that is not UTF-8") from error
