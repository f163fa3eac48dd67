from typing import Any

import pytest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from footfall_chassis.foreign_records import ForeignRecords

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


class NotUtf8(str):
    """A header's name that other programs may write."""

    __slots__ = ()

    def encode(self, *_: Any) -> bytes:
        return b"\xff\xfe"


def batch(*headers: list[tuple[str, bytes | None]], codec: int = 0, offset: int = 0) -> bytes:
    builder = _DefaultRecordBatchBuilderPy(2, codec, False, -1, -1, -1, 1 << 20)
    for number, each in enumerate(headers):
        key = None if number % 2 else f"k{number}".encode()
        builder.append(number, 1000 + number, key, f"v{number}".encode() * 50, each)
    built = builder.build()
    return offset.to_bytes(8) + bytes(built[8:])


def told(data: bytes) -> list[tuple[int, int, bytes | None, bytes | None]]:
    records, found = ForeignRecords(data), []
    while records.has_next():
        found += [(each.offset, each.timestamp, each.key, each.value) for each in records.next_batch()]
    return found


def test_batches_are_read_as_aiokafka_reads_them() -> None:
    data = batch([], [("name", b"x"), ("none", None)]) + batch([("more", b"y")], offset=7)

    assert told(data) == [
        (0, 1000, b"k0", b"v0" * 50),
        (1, 1001, None, b"v1" * 50),
        (7, 1000, b"k0", b"v0" * 50),
    ]
    assert ForeignRecords(data).size_in_bytes() == len(data)
    assert ForeignRecords(b"").next_batch() is None


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("place", [0, 1, 4])
def test_a_header_whose_name_is_no_utf8_hides_no_record(codec: int, place: int) -> None:
    headers: list[list[tuple[str, bytes | None]]] = [[("fine", b"1")] for _ in range(5)]
    plain = batch(*headers)
    headers[place] = [("fine", b"1"), (NotUtf8("x"), b"2")]

    found = told(batch(*headers, codec=codec) + batch([], offset=5))

    assert found == [*told(plain), (5, 1000, b"k0", b"v0" * 50)]


def test_a_batch_tells_of_itself_as_aiokafkas_does() -> None:
    found = ForeignRecords(batch([(NotUtf8("x"), b"1")], offset=3)).next_batch()

    assert (found.base_offset, found.next_offset, found.is_control_batch) == (3, 4, False)
    assert found.validate_crc() is True
