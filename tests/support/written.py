"""Values as people write them in a case, by the Avro type of their field. Pure."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

DAY = date(2026, 3, 2)
"""The day of every time that is written without one."""


def typed(type_: Any, value: Any) -> Any:
    """Return what the text means in a field of this Avro type."""
    if isinstance(type_, list):
        return None if value == "null" else typed(next(branch for branch in type_ if branch != "null"), value)
    if isinstance(type_, str):
        return _primitive(type_, value)
    match type_.get("logicalType"), type_["type"]:
        case "timestamp-millis", _:
            return moment(value)
        case "date", _:
            return date.fromisoformat(value)
        case "decimal", _:
            return Decimal(value)
        case _, "record":
            return {item["name"]: typed(item["type"], value[item["name"]]) for item in type_["fields"]}
        case _, "array":
            return unordered([typed(type_["items"], item) for item in value])
        case _, "enum":
            return _symbol(type_["symbols"], value)
    raise ValueError(f"no way to write a {type_}")


def _primitive(type_: str, text: str) -> Any:
    if text == "null":
        raise ValueError("a value that cannot be absent is")
    match type_:
        case "int" | "long":
            return int(text)
        case "double":
            return float(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case "bytes":
            return bytes.fromhex(text)
    return text


def _symbol(symbols: list[str], text: str) -> str:
    if text not in symbols:
        raise ValueError(f"{text!r} is none of {', '.join(symbols)}")
    return text


def moment(text: str) -> datetime:
    """Return the time that the text means, UTC, of `DAY` if it names none."""
    if re.match(r"\d\d:\d\d", text):
        return datetime.combine(DAY, time.fromisoformat(text), UTC)
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def unordered(value: Any) -> Any:
    """Return a list sorted, since arrays are in no particular order, and anything else as it is."""
    return sorted(value, key=repr) if isinstance(value, list) else value


def shown(value: Any) -> str:
    """Return a value as people write it."""
    match value:
        case None:
            return "null"
        case datetime():
            precision = "milliseconds" if value.microsecond else "seconds" if value.second else "minutes"
            return value.replace(tzinfo=None).isoformat(" ", precision).removeprefix(f"{DAY} ")
        case Decimal():
            return f"{value.normalize():f}"
        case bytes():
            return value.hex()
        case list():
            return f"[{', '.join(shown(item) for item in value)}]"
        case dict():
            return f"{{{', '.join(f'{name}: {shown(item)}' for name, item in value.items())}}}"
        case _:
            return str(value)
