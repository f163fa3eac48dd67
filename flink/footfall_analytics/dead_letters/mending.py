"""A record that was wrong, with some values changed. Pure."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from footfall_schemas.codec import from_json, to_json
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json, Topic

NOTHING = "null"
NOW = "now"


class MendError(PermanentError, ValueError):
    """This cannot be put into a record; the message names the field."""


@dataclass(frozen=True)
class Mend:
    """What to change."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Texts by field; `null` is nothing, and `now` of a time the moment at which it is sent."""
    document: Json | None = None
    """The whole record in place of what was read, as `dead-letters show --json` writes it."""

    def __bool__(self) -> bool:
        return bool(self.values) or self.document is not None


def parse_values(texts: list[str]) -> dict[str, str]:
    """Return values by field of texts like `currency=EUR`.

    Raises:
        MendError: One is no such text, or a field comes twice.
    """
    values: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise MendError(f"{text!r} is not a change; write field=value")
        if name in values:
            raise MendError(f"{name} is set twice")
        values[name] = value
    return values


def mended(described: Topic, record: Json, mend: Mend, now: datetime) -> Json:
    """Return the record with its changes, in the fields of the topic.

    Args:
        described: The topic.
        record: What was read.
        mend: What to change.
        now: What `now` means.

    Raises:
        MendError: There is no such field, or it cannot have this value.
    """
    document = to_json(record) if mend.document is None else dict(mend.document)
    fields = {each["name"]: each for each in described.schema["fields"]}
    unknown = [name for name in (*mend.values, *(mend.document or {})) if name not in fields]
    if unknown:
        near = difflib.get_close_matches(unknown[0], fields, 1)
        raise MendError(
            f"{described.name} has no field {unknown[0]}; "
            + (f"did you mean {near[0]}?" if near else f"it has {', '.join(fields)}")
        )
    for name, text in mend.values.items():
        document[name] = _value(fields[name], text, now)
    kept = {name: value for name, value in document.items() if name in fields}
    return {name: _native(fields[name], value) for name, value in kept.items()}


def _value(described: Json, text: str, now: datetime) -> Any:
    """Return a text as JSON has the value of this field."""
    branches = described["type"] if isinstance(described["type"], list) else [described["type"]]
    if text == NOTHING and "null" in branches:
        return None
    type_ = next(branch for branch in branches if branch != "null")
    if isinstance(type_, dict) and type_.get("logicalType") == "timestamp-millis":
        return now.isoformat(timespec="milliseconds") if text == NOW else text
    if type_ in ("int", "long"):
        try:
            return int(text)
        except ValueError:
            raise MendError(f"{described['name']} cannot be {text!r}: it must be a whole number") from None
    return text


def _native(described: Json, value: Any) -> Any:
    name = described["name"]
    try:
        return from_json({"fields": [described]}, {name: value})[name]
    except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise MendError(f"{name} cannot be {value!r}: {_why(error)}") from None


def _why(error: Exception) -> str:
    return "it must be a number" if isinstance(error, ArithmeticError) else str(error)
