"""Ten thousand ways to spoil a message, and events that are strange but whole. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from random import Random

from footfall_schemas.codec import HEADER, encode, header

from support.oracle.rows import Row

NOISE = 1_000_000
"""Bytes; a little less than a broker takes by default."""
HUGE = (b"\xfe\xff\xff\xff\x0f", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x01", b"\xff" * 10, b"\x80" * 40)
"""Lengths and numbers that no message can hold."""


def variants(message: bytes, rng: Random, count: int) -> list[bytes | None]:
    """Return so many variants of a message: every cut, every flipped bit, and so on; what is left is noise."""
    every = chain(_fixed(message, rng), _cuts(message), _flips(message), _swollen(message))
    return list(islice(chain(every, _noise(message, rng)), count))


def _fixed(message: bytes, rng: Random) -> Iterator[bytes | None]:
    yield from (None, b"", message + b"\0", message * 2, b'{"event": "product_view"}')
    yield rng.randbytes(NOISE)
    yield header(int.from_bytes(message[1 : HEADER.size])) + rng.randbytes(NOISE)
    yield from (bytes([magic]) + message[1:] for magic in (1, 7, 127, 128, 255))
    yield from (header(rng.randrange(1 << 20, 1 << 31)) + message[HEADER.size :] for _ in range(3))


def _cuts(message: bytes) -> Iterator[bytes]:
    return (message[:length] for length in range(len(message)))


def _flips(message: bytes) -> Iterator[bytes]:
    for place in range(len(message)):
        for bit in range(8):
            yield message[:place] + bytes([message[place] ^ 1 << bit]) + message[place + 1 :]


def _swollen(message: bytes) -> Iterator[bytes]:
    for place in range(HEADER.size, len(message)):
        for huge in HUGE:
            yield message[:place] + huge + message[place + 1 :]


def _noise(message: bytes, rng: Random) -> Iterator[bytes]:
    while True:
        kept = rng.randrange(HEADER.size, len(message))
        yield message[:kept] + rng.randbytes(rng.randrange(1, 200))


def strange(schema_id: int, schema: Row, row: Row, now: datetime, origin: str) -> list[bytes]:
    """Return what fits the schema and makes no sense: times, amounts and ids beyond all measure.

    Args:
        schema_id: What the messages say they are written with.
        schema: What they are written with.
        row: What they are made of.
        now: The time of day.
        origin: Part of each one's identity: if two partitions held the same one, which of them counts would be a matter
            of which partition is read first.
    """
    name = next(iter(row))
    fields = {field["name"] for field in schema["fields"] if not _is_enum(field["type"])}
    changes: list[Row] = [
        {"event_time": datetime(9999, 12, 31, tzinfo=UTC)},
        {"event_time": now + timedelta(hours=3)},
        {"event_time": datetime(1, 1, 1, tzinfo=UTC)},
        {"event_time": datetime(1969, 12, 31, tzinfo=UTC)},
        {"user_id": "u" * 900_000, "product_id": "p" * 90_000},
        {"product_id": "p" * 1000},
        {"product_id": "p" * 1001},
        {"product_id": ""},
        {"session_id": ""},
        {"category_id": ""},
        {"recommendation_id": ""},
        {name: "nul \0 within"},
        {"user_agent": "a" * 100_000, "payment_method": "m" * 100_000},
        {"quantity": 2**31 - 1, "quantity_on_hand": 2**31 - 1},
        {"quantity": -(2**31), "quantity_on_hand": -(2**31)},
        {"quantity": -3, "quantity_on_hand": -3},
        {"quantity": 0, "quantity_on_hand": 0},
        {"quantity": 1, "quantity_on_hand": 1},
        {"quantity": 74_215, "unit_price": Decimal("15000000.00"), "discount_rate": Decimal(0)},
        {"unit_price": Decimal(0), "shipping_cost": Decimal(0), "discount_rate": Decimal(1)},
        {"shipping_cost": Decimal("-0.01")},
        {"currency": "eur"},
        {"unit_price": Decimal("9999999999.99")},
        {"unit_price": Decimal("-9999999999.99")},
        {"discount_rate": Decimal("9.9999")},
        {"discount_rate": Decimal("-9.9999")},
        {"shipping_cost": Decimal("9999999999.99")},
        {"amount": Decimal("9999999999.99")},
        {"amount": Decimal("-0.01")},
        {"amount": Decimal(0), "reason": "nul \0 within"},
        {"reason": "r" * 1001},
    ]
    return [
        encode(schema_id, schema, row | {name: f"strange-{origin}-{number}"} | fitting)
        for number, change in enumerate(changes)
        if (fitting := {field: value for field, value in change.items() if field in fields})
    ]


def _is_enum(described: Row | str) -> bool:
    return isinstance(described, dict) and described["type"] == "enum"
