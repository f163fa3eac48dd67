"""Messages no reader can make sense of."""

from collections.abc import Callable, Mapping

import numpy as np

from footfall_generator.events.arrays import Objects
from footfall_generator.events.rows import Rows

HEADER = 5
"""Magic byte and schema id."""
UNKNOWN_SCHEMA_ID = (0x7FFFFFF0).to_bytes(4, "big")
ENDLESS_STRING = b"\xfe\xff\xff\xff\x0f"
"""An Avro length of more than two billion bytes."""

WAYS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "empty": lambda _: b"",
    "tombstone": lambda _: None,
    "wrong magic byte": lambda value: b"\x07" + value[1:],
    "unknown schema id": lambda value: value[:1] + UNKNOWN_SCHEMA_ID + value[HEADER:],
    "truncated": lambda value: value[: HEADER + (len(value) - HEADER) // 2],
    "bytes left over": lambda value: value + b"\x00\x01\x02",
    "endless string": lambda value: value[:HEADER] + ENDLESS_STRING + value[HEADER:],
    "json instead of avro": lambda _: b'{"event": "product_view"}',
}


def damage(rows: Rows, rng: np.random.Generator) -> Rows:
    """Return the messages, each damaged in one of the WAYS; keys stay whole."""
    ways = list(WAYS.values())
    chosen = rng.integers(0, len(ways), len(rows)).tolist()
    values: Objects = np.empty(len(rows), dtype=object)
    values[:] = [ways[way](value) for way, value in zip(chosen, rows.values, strict=True)]
    return Rows(rows.topic, rows.times, rows.keys, values, rows.faults)
