"""What Avro's binary encoding forbids and fastavro lets pass. Pure.

Numbers too long for their type, indexes that count from the end, decimals of more digits than their precision.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from footfall_schemas.topics import Json

Step: TypeAlias = Callable[[bytes, int], int]
"""Goes over one value from a position and returns the position after it."""

LONGEST_LONG = 10
"""Bytes; the tenth has room for one bit."""
MORE = 0x80
"""Set in every byte of a number but its last."""
SIZES = {"null": 0, "float": 4, "double": 8}


class EncodingError(ValueError):
    """These bytes are no value of the schema."""


def checker(schema: Any, named: dict[str, Step] | None = None) -> Step:
    """Return what goes over a value of this schema; `named` are the types that it may name.

    The steps raise EncodingError or, at an end that comes too early, IndexError.
    """
    named = {} if named is None else named
    if isinstance(schema, list):
        return _union([checker(branch, named) for branch in schema])
    if isinstance(schema, str):
        return _primitive({"type": schema}) or _named(schema.rpartition(".")[2], named)
    kind = schema["type"]
    if not isinstance(kind, str):
        return checker(kind, named)
    step = _primitive(schema) or _complex(schema, named)
    if "name" in schema:
        named[schema["name"].rpartition(".")[2]] = step
    return step


def _primitive(schema: Json) -> Step | None:
    match schema["type"]:
        case "int":
            return _int
        case "long":
            return lambda body, at: _long(body, at)[1]
        case "boolean":
            return _boolean
        case "string" | "bytes":
            return _decimal(schema) if schema.get("logicalType") == "decimal" else _bytes
        case "null" | "float" | "double":
            return _sized(SIZES[schema["type"]])
    return None


def _complex(schema: Json, named: dict[str, Step]) -> Step:
    match schema["type"]:
        case "record":
            return _record([checker(field["type"], named) for field in schema["fields"]])
        case "enum":
            return _enum(len(schema["symbols"]))
        case "array":
            return _blocks(checker(schema["items"], named))
        case "map":
            values = checker(schema["values"], named)
            return _blocks(lambda body, at: values(body, _bytes(body, at)))
        case "fixed":
            return _sized(int(schema["size"]))
    return checker(schema["type"], named)


def _named(name: str, named: dict[str, Step]) -> Step:
    def step(body: bytes, at: int) -> int:
        return named[name](body, at)

    return step


def _sized(size: int) -> Step:
    return lambda _, at: at + size


def _long(body: bytes, at: int) -> tuple[int, int]:
    first = body[at]
    if first < MORE:
        return (first >> 1) ^ -(first & 1), at + 1
    value = 0
    for index in range(LONGEST_LONG):
        byte = body[at + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < MORE:
            if value >> 64:
                break
            return (value >> 1) ^ -(value & 1), at + index + 1
    raise EncodingError("a number longer than 64 bits")


def _int(body: bytes, at: int) -> int:
    value, at = _long(body, at)
    if not -(1 << 31) <= value < 1 << 31:
        raise EncodingError("a number outside 32 bits")
    return at


def _boolean(body: bytes, at: int) -> int:
    if body[at] > 1:
        raise EncodingError(f"a boolean that is {body[at]}")
    return at + 1


def _bytes(body: bytes, at: int) -> int:
    length, at = _long(body, at)
    return at + length


def _decimal(schema: Json) -> Step:
    limit = 10 ** int(schema["precision"])

    def step(body: bytes, at: int) -> int:
        length, at = _long(body, at)
        if length == 0:
            raise EncodingError("a decimal without digits")
        if abs(int.from_bytes(body[at : at + length], signed=True)) >= limit:
            raise EncodingError(f"a decimal of more than {schema['precision']} digits")
        return at + length

    return step


def _enum(size: int) -> Step:
    def step(body: bytes, at: int) -> int:
        index, at = _long(body, at)
        if not 0 <= index < size:
            raise EncodingError(f"enum symbol {index} of {size}")
        return at

    return step


def _union(branches: list[Step]) -> Step:
    def step(body: bytes, at: int) -> int:
        index, at = _long(body, at)
        if not 0 <= index < len(branches):
            raise EncodingError(f"union branch {index} of {len(branches)}")
        return branches[index](body, at)

    return step


def _record(fields: list[Step]) -> Step:
    def step(body: bytes, at: int) -> int:
        for field in fields:
            at = field(body, at)
        return at

    return step


def _blocks(item: Step) -> Step:
    def step(body: bytes, at: int) -> int:
        while True:
            count, at = _long(body, at)
            if count == 0:
                return at
            if count < 0:
                count, (_, at) = -count, _long(body, at)
            for _ in range(count):
                at = item(body, at)

    return step
