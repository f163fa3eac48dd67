"""Avro by columns: an encoded record is the concatenation of its encoded fields.

Fields that take few values become dictionaries of bytes encoded once; numbers and ids become byte matrices; `join`
glues them row by row. The result is byte for byte what fastavro writes.
"""

import io
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Topic
from footfall_schemas.topics import topic as topic_named

from footfall_generator.events.arrays import Bytes, Ints, Objects
from footfall_generator.events.clock import EARLIEST_MS, LATEST_MS

HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
MILLIS_WIDTH = 6
VARINT_WIDTH = 10
SHORT = 64
"""Lengths below this take one byte."""


class LayoutError(PermanentError, ValueError):
    """The schema's fields are not those this program was written for."""


def check_layout(topic: Topic, *groups: Sequence[str]) -> None:
    """See that the groups of fields, one after the other, are the fields of the topic.

    Raises:
        LayoutError: They are not.
    """
    expected = [name for group in groups for name in group]
    if expected != topic.field_names:
        raise LayoutError(f"{topic.name}: the encoder writes {expected}, the schema has {topic.field_names}")


def encode_fields(topic: Topic, values: dict[str, Any]) -> bytes:
    """Return the fields, encoded in the order given.

    Raises:
        ValueError: A value does not fit its field.
    """
    out = io.BytesIO()
    fastavro.schemaless_writer(out, _group_schema(topic.name, tuple(values)), values)
    return out.getvalue()


def dictionary(values: Iterable[bytes]) -> Any:
    """Return the values as a column to `take` from."""
    return pa.array(list(values), type=pa.binary())


def take(values: Any, positions: Ints) -> Any:
    """Return the dictionary's values at the positions."""
    return values.take(pa.array(positions))


def fixed(*parts: bytes | Bytes) -> Any:
    """Join parts of fixed width: constants, and matrices with one row per record."""
    rows = next(len(part) for part in parts if not isinstance(part, bytes))
    matrix = np.empty((rows, sum(_width(part) for part in parts)), dtype=np.uint8)
    left = 0
    for part in parts:
        right = left + _width(part)
        matrix[:, left:right] = np.frombuffer(part, dtype=np.uint8) if isinstance(part, bytes) else part
        left = right
    offsets = np.arange(rows + 1, dtype=np.int32) * left
    return pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(matrix)])


def millis(times: Ints) -> Bytes:
    """Encode milliseconds since 1970 as a matrix of varints.

    Raises:
        ValueError: A time is before July 1970 or after August 2039, where a varint has another width.
    """
    if len(times) and not (times.min() >= EARLIEST_MS and times.max() <= LATEST_MS):
        raise ValueError(f"event times from {times.min()} to {times.max()} leave {EARLIEST_MS} to {LATEST_MS}")
    shifts = np.arange(MILLIS_WIDTH, dtype=np.uint64) * np.uint64(7)
    groups = (times.astype(np.uint64)[:, None] << np.uint64(1)) >> shifts & np.uint64(0x7F)
    groups[:, :-1] |= np.uint64(0x80)
    return groups.astype(np.uint8)


def hex_digits(numbers: Ints, width: int) -> Bytes:
    """Write the numbers as that many hexadecimal digits, with leading zeros."""
    shifts = np.arange(width - 1, -1, -1, dtype=np.int64) * 4
    return np.asarray(HEX[numbers[:, None] >> shifts & 15])


def varints(numbers: Ints) -> Any:
    """Encode ints or longs of any size."""
    zigzag = ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)
    shifts = np.arange(VARINT_WIDTH, dtype=np.uint64) * np.uint64(7)
    rest = zigzag[:, None] >> shifts
    width = np.maximum(np.count_nonzero(rest, axis=1), 1)
    groups = (rest & np.uint64(0x7F)).astype(np.uint8)
    place = np.arange(VARINT_WIDTH)
    groups[place < width[:, None] - 1] |= 0x80
    offsets = np.concatenate(([0], np.cumsum(width))).astype(np.int32)
    data = groups[place < width[:, None]]
    return pa.Array.from_buffers(pa.binary(), len(numbers), [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def decimals(unscaled: Ints) -> Any:
    """Encode decimals, not below 0, by their unscaled values: the length, then the fewest bytes that hold it with a sign."""
    bits = np.arange(7, 63, 8, dtype=np.int64)
    width = 1 + np.count_nonzero(unscaled[:, None] >> bits, axis=1)
    shifts = np.arange(56, -8, -8, dtype=np.int64)
    groups = np.empty((len(unscaled), 1 + len(shifts)), dtype=np.uint8)
    groups[:, 0] = 2 * width
    groups[:, 1:] = unscaled[:, None] >> shifts & 0xFF
    kept = np.arange(len(shifts), -1, -1) < width[:, None]
    kept[:, 0] = True
    offsets = np.concatenate(([0], np.cumsum(1 + width))).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(unscaled), [None, pa.py_buffer(offsets), pa.py_buffer(groups[kept])])


def strings(texts: Any) -> Any:
    """Encode a column of strings: the length, then the bytes."""
    lengths = pc.binary_length(texts).to_numpy()
    if lengths.max(initial=0) < SHORT:
        return join(
            dictionary(bytes([2 * length]) for length in range(SHORT)).take(pa.array(lengths)), texts.cast(pa.binary())
        )
    return join(varints(lengths.astype(np.int64)), texts.cast(pa.binary()))


def join(*columns: Any) -> Any:
    """Join the columns row by row; single `bytes` are repeated."""
    scalars = [pa.scalar(column, pa.binary()) if isinstance(column, bytes) else column for column in columns]
    return pc.binary_join_element_wise(*scalars, pa.scalar(b"", pa.binary()))


def objects(column: Any) -> Objects:
    """Return the column as Python bytes."""
    return np.asarray(column.to_numpy(zero_copy_only=False))


def byte_matrix(texts: Sequence[str]) -> Bytes:
    """Encode ASCII strings of one common length below 64 as a matrix of length and bytes."""
    encoded = [bytes([2 * len(text)]) + text.encode() for text in texts]
    return np.frombuffer(b"".join(encoded), dtype=np.uint8).reshape(len(encoded), -1)


@cache
def _group_schema(name: str, fields: tuple[str, ...]) -> Any:
    types = {field["name"]: field for field in topic_named(name).schema["fields"]}
    return fastavro.parse_schema({"type": "record", "name": "Group", "fields": [types[field] for field in fields]})


def _width(part: bytes | Bytes) -> int:
    return len(part) if isinstance(part, bytes) else int(part.shape[1])
