"""Bytes that fastavro would read and the Avro specification forbids are poison; odd ones that it allows are not."""

from typing import Any

import pytest
from footfall_schemas.codec import PoisonMessageError, decode, header

ENUM = {"type": "enum", "name": "Size", "symbols": ["small", "big"]}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 4}


def record_of(*types: Any) -> dict[str, Any]:
    fields = [{"name": f"f{number}", "type": type_} for number, type_ in enumerate(types)]
    return {"type": "record", "name": "Tried", "fields": fields}


@pytest.mark.parametrize(
    ("type_", "body", "complaint"),
    [
        (ENUM, b"\x01", "enum symbol -1 of 2"),
        (["null", "string"], b"\x01\x02a", "union branch -1 of 2"),
        ("int", b"\xfe\xff\xff\xff\xff\x01", "outside 32 bits"),
        ("long", b"\x80" * 9 + b"\x02", "longer than 64 bits"),
        ("long", b"\x80" * 10 + b"\x01", "longer than 64 bits"),
        ("boolean", b"\x02", "a boolean that is 2"),
        (DECIMAL, b"\x00", "without digits"),
        (DECIMAL, b"\x06\x01\x86\xa0", "more than 5 digits"),
        ({"type": "array", "items": ENUM}, b"\x02\x01\x00", "enum symbol"),
        ({"type": "map", "values": ENUM}, b"\x02\x02k\x01\x00", "enum symbol"),
        (record_of(ENUM) | {"name": "Inner"}, b"\x01", "enum symbol"),
    ],
)
def test_what_the_specification_forbids_is_poison(type_: Any, body: bytes, complaint: str) -> None:
    with pytest.raises(PoisonMessageError, match=complaint):
        decode(header(1) + body, record_of(type_))


@pytest.mark.parametrize(
    ("type_", "body", "value"),
    [
        ("long", b"\x82\x00", 1),
        ("long", b"\xff" * 9 + b"\x01", -(1 << 63)),
        ({"type": "array", "items": "int"}, b"\x01\x02\x04\x00", [2]),
        ({"type": "map", "values": "double"}, b"\x02\x02k" + bytes(8) + b"\x00", {"k": 0.0}),
        ({"type": "fixed", "name": "Two", "size": 2}, b"ab", b"ab"),
    ],
)
def test_what_the_specification_allows_is_read(type_: Any, body: bytes, value: Any) -> None:
    assert decode(header(1) + body, record_of(type_)) == {"f0": value}


def test_types_may_be_named_again() -> None:
    again = record_of(ENUM, ["null", "Size"])

    assert decode(header(1) + b"\x00\x02\x02", again) == {"f0": "small", "f1": "big"}
    with pytest.raises(PoisonMessageError, match="enum symbol"):
        decode(header(1) + b"\x00\x02\x03", again)
