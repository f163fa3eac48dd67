"""How the values of one field are read, whatever its writer has that they may be. Pure.

Every function returns None where the writer's type is nothing that the reader's can be. The rules are those of Flink's
format (flink/connector, `Texts`, `Numbers`, `FieldReader`).
"""

import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from math import isfinite
from typing import Any, TypeAlias

from footfall_schemas.avro_types import Type
from footfall_schemas.body import Body, EncodingError
from footfall_schemas.limits import Limits

Step: TypeAlias = Callable[[Body], Any]
"""Reads one value from where the body has been read to."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""Years 1 to 9999, in days since 1970."""
DAY_MILLIS = 86_400_000
LONGEST_DECIMAL = 64
"""Bytes; more would take long to look at, and hold no number that fits."""
_EXACT = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=[Inexact, InvalidOperation])
_WIDE = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_FLOAT = struct.Struct("<f")
_PER_MILLI = {"": 1, "timestamp-millis": 1, "timestamp-micros": 1_000, "timestamp-nanos": 1_000_000}


def string(writer: Type, limits: Limits) -> Step | None:
    """Read text."""
    if writer.kind == "enum":
        return _symbols(writer, None, limits)
    if not _is_text(writer):
        return None
    if not limits.bound_texts:
        return Body.read_text
    check = limits.text
    return lambda body: check(body.read_bytes())


def symbol(writer: Type, reader: Type, limits: Limits) -> Step | None:
    """Read a symbol; one that the reader does not know is its default."""
    if writer.kind == "enum":
        return _symbols(writer, reader, limits)
    if not _is_text(writer):
        return None
    known = set(reader.symbols)

    def step(body: Body) -> str:
        text = limits.text(body.read_bytes())
        return text if text in known else _otherwise(text, reader, limits.name)

    return step


def binary(writer: Type, limits: Limits) -> Step | None:
    """Read bytes."""
    if writer.kind == "bytes":
        return Body.read_bytes
    if writer.kind != "string":
        return None

    def step(body: Body) -> bytes:
        data = body.read_bytes()
        limits.text(data)
        return data

    return step


def number(writer: Type, limits: Limits, *, narrow: bool) -> Step | None:
    """Read a whole number, of 32 bits if it is narrow."""
    check = limits.number
    match writer.kind:
        case "int" if not limits.bound_numbers:
            return Body.read_int
        case "long" if not limits.bound_numbers and not narrow:
            return Body.read_long
        case "int":
            return lambda body: check(body.read_int())
        case "long" if not narrow:
            return lambda body: check(body.read_long())
        case "long":
            return lambda body: check(_narrow(body.read_long(), limits.name))
    return None


def real(writer: Type, limits: Limits) -> Step | None:
    """Read a binary number."""
    check = limits.real
    match writer.kind:
        case "double" if not limits.bound_numbers:
            return Body.read_double
        case "int":
            return lambda body: check(float(body.read_int()))
        case "long":
            return lambda body: check(float(body.read_long()))
        case "float":
            return lambda body: check(body.read_float())
        case "double":
            return lambda body: check(body.read_double())
    return None


def decimal(writer: Type, reader: Type, limits: Limits) -> Step | None:
    """Read a number of the reader's decimal places, of which none is rounded away."""

    def value(exact: Decimal) -> Decimal:
        return limits.decimal(_rescaled(exact, reader, limits.name))

    match writer.kind:
        case "bytes" if writer.meaning == "decimal":
            return lambda body: value(unscaled(body.read_bytes(), writer, limits.name))
        case "fixed" if writer.meaning == "decimal":
            return lambda body: value(unscaled(body.read_fixed(writer.size), writer, limits.name))
        case "float":
            return lambda body: value(_nearest(body.read_float(), reader.scale, limits.name, single=True))
        case "double":
            return lambda body: value(_nearest(body.read_double(), reader.scale, limits.name, single=False))
    return None


def time(writer: Type, limits: Limits) -> Step | None:
    """Read a moment; what is finer than a millisecond is cut off."""
    per_milli = _PER_MILLI.get(writer.meaning)
    if writer.kind != "long" or per_milli is None:
        return None
    return lambda body: moment(body.read_long() // per_milli * 1000, limits.name)


def day(writer: Type, limits: Limits) -> Step | None:
    """Read a date."""
    if writer.kind != "int" or writer.meaning not in {"", "date"}:
        return None
    return lambda body: date_of(body.read_int(), limits.name)


def moment(micros: int, name: str) -> datetime:
    """Return the moment so many microseconds after 1970.

    Raises:
        EncodingError: No calendar of the years 1 to 9999 has it.
    """
    if not FIRST_DAY * DAY_MILLIS <= micros // 1000 < (LAST_DAY + 1) * DAY_MILLIS:
        raise EncodingError(f"{name} is outside of the years 1 to 9999")
    return EPOCH + timedelta(microseconds=micros)


def date_of(days: int, name: str) -> date:
    """Return the date so many days after 1970.

    Raises:
        EncodingError: No calendar of the years 1 to 9999 has it.
    """
    if not FIRST_DAY <= days <= LAST_DAY:
        raise EncodingError(f"{name} is outside of the years 1 to 9999")
    return date.fromordinal(days - FIRST_DAY + 1)


def unscaled(data: bytes, writer: Type, name: str) -> Decimal:
    """Return the number that the bytes are.

    Raises:
        EncodingError: They are none of the writer's digits.
    """
    if not data:
        raise EncodingError(f"{name} is a decimal without digits")
    if len(data) > LONGEST_DECIMAL:
        raise EncodingError(f"{name} is a decimal of {len(data)} bytes")
    value = int.from_bytes(data, signed=True)
    if abs(value) >= 10**writer.precision:
        raise EncodingError(f"{name} is a decimal of more than {writer.precision} digits")
    return Decimal(value).scaleb(-writer.scale, _WIDE)


def _rescaled(value: Decimal, reader: Type, name: str) -> Decimal:
    try:
        rescaled = value.quantize(Decimal(1).scaleb(-reader.scale), context=_EXACT)
    except Inexact:
        raise EncodingError(f"{name} is {value:f}, which has more than {reader.scale} decimal places") from None
    if abs(rescaled) >= Decimal(10).scaleb(reader.precision - reader.scale - 1):
        raise EncodingError(f"{name} is {rescaled:f}, which has more than {reader.precision} digits")
    return rescaled


def _nearest(value: float, scale: int, name: str, *, single: bool) -> Decimal:
    """Return the number of so many decimal places that a binary number stands for: the one whose nearest it is."""
    if isfinite(value):
        nearest = Decimal(value).quantize(Decimal(1).scaleb(-scale), context=_WIDE)
        if (_single(nearest) if single else float(nearest)) == value:
            # There is no minus before a decimal's zero.
            return nearest or abs(nearest)
    raise EncodingError(f"{name} is a binary number that stands for none of {scale} decimal places")


def _single(value: Decimal) -> float:
    single: float = _FLOAT.unpack(_FLOAT.pack(float(value)))[0]
    return single


def _narrow(value: int, name: str) -> int:
    if not -(1 << 31) <= value < 1 << 31:
        raise EncodingError(f"{name} is {value}, outside of 32 bits")
    return value


def _is_text(writer: Type) -> bool:
    return writer.kind in {"string", "bytes"} and writer.meaning != "decimal"


def _symbols(writer: Type, reader: Type | None, limits: Limits) -> Step:
    values = [_symbol(each, reader, limits) for each in writer.symbols]

    def step(body: Body) -> str:
        value = values[body.read_index(len(values), "enum symbol")]
        if isinstance(value, EncodingError):
            raise value
        return value

    return step


def _symbol(written: str, reader: Type | None, limits: Limits) -> str | EncodingError:
    try:
        text = written if reader is None or written in reader.symbols else _otherwise(written, reader, limits.name)
        return limits.text(text.encode())
    except EncodingError as beyond:
        return beyond


def _otherwise(text: str, reader: Type, name: str) -> str:
    if reader.default is None:
        raise EncodingError(f"{name} is {text}, which is none of [{', '.join(reader.symbols)}]")
    return reader.default
