"""Records as other programs write them: header names need not be UTF-8.

aiokafka decodes the names of all headers of a batch while it reads, and one that is no UTF-8 ends its consumer, again after
every restart. Nothing here reads headers, so a batch with such a name is taken without any.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

_LENGTH = slice(8, 12)
"""Where a batch says how long the rest of it is."""


def tolerate_foreign_records() -> None:
    """Let every consumer of this process read them."""
    fetcher.MemoryRecords = ForeignRecords


class ForeignRecords:
    """The batches of one answer of the broker, in aiokafka's words."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._records = MemoryRecords(data)

    def size_in_bytes(self) -> int:
        """Return the answer's size."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Tell whether there is a whole batch left."""
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        """Return the next batch; None when there is none."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        end = _LENGTH.stop + int.from_bytes(self._data[_LENGTH])
        raw, self._data = self._data[:end], self._data[end:]
        return ForeignBatch(batch, raw)


class ForeignBatch:
    """A batch; `batch` is aiokafka's and `raw` its bytes."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch = batch
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        """Return the next record; aiokafka asks so for the only one of a transaction's end."""
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                read += 1
                yield record
        except UnicodeDecodeError:
            yield from islice(without_headers(self._raw), read, None)


def without_headers(raw: memoryview) -> Iterator[Any]:
    """Yield the records of a batch as if they had no headers."""
    batch = _DefaultRecordBatchPy(raw)
    iter(batch)  # decompresses
    buffer, begin = batch._buffer, batch._pos  # noqa: SLF001
    for _ in range(batch._num_records):  # noqa: SLF001
        length, begin = decode_varint(buffer, begin)
        # One byte of attributes comes first.
        since, position = decode_varint(buffer, begin + 1)
        offset, position = decode_varint(buffer, position)
        key, position = _bytes(buffer, position)
        value, position = _bytes(buffer, position)
        appended = batch.timestamp_type == batch.LOG_APPEND_TIME
        timestamp = batch.max_timestamp if appended else batch.first_timestamp + since
        yield _DefaultRecordPy(batch.base_offset + offset, timestamp, batch.timestamp_type, key, value, [])
        begin += length


def _bytes(buffer: bytearray, position: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(buffer, position)
    if length < 0:
        return None, position
    return bytes(buffer[position : position + length]), position + length
