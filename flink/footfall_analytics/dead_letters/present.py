"""Dead letters as people and programs read them. Pure."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from confluent_kafka import Message
from footfall_schemas.codec import to_json
from footfall_schemas.topics import Json, Topic

from footfall_analytics.dead_letters.cures import cure_of, field_of
from footfall_analytics.dead_letters.decoding import Decoded
from footfall_analytics.dead_letters.letter import Letter, Place

SHOWN_BYTES = 512
WIDTH = 16
"""Bytes in a line."""


def summary(letter: Letter, described: Topic | None, marks: Mapping[str, Place]) -> Json:
    """Return what the list says of a dead letter, in JSON's values."""
    sent = marks.get(letter.mark)
    return {
        "message": str(letter.place),
        "topic": letter.place.topic,
        "partition": letter.place.partition,
        "offset": letter.place.offset,
        "time": _time(letter.time),
        "reason": letter.reason,
        "field": field_of(letter.reason, described) or None,
        "by": letter.by,
        "sent_again": str(sent) if sent else None,
    }


def whole(
    letter: Letter, described: Topic | None, marks: Mapping[str, Place], read: Decoded | None, original: Message | None
) -> Json:
    """Return all there is to say of one dead letter, in JSON's values."""
    return summary(letter, described, marks) | {
        "cure": cure_of(letter.reason),
        "dead_letter": str(letter.told_in),
        "schema_id": read.schema_id if read else None,
        "record": _plain(read.record) if read and read.record else None,
        "not_read": (read.problem or None) if read else None,
        "key": _text(original.key()) if original else None,
        "headers": {name: _text(data) for name, data in (original.headers() or [])} if original else None,
        "payload": None if letter.payload is None else base64.b64encode(letter.payload).decode(),
    }


def lines_of(told: Json, payload: bytes | None) -> Iterator[str]:
    """Yield the lines that `show` prints of what `whole` returned."""
    yield told["message"]
    for name in ("reason", "field", "cure", "time", "by", "dead_letter", "sent_again", "key", "headers", "schema_id"):
        if told[name] not in (None, {}):
            yield f"  {name.replace('_', ' '):<12}{told[name]}"
    for name, value in (told["record"] or {}).items():
        yield f"  {'record' if name == next(iter(told['record'])) else '':<12}{name} = {value!r}"
    if told["not_read"]:
        yield f"  {'not read':<12}{told['not_read']}"
    yield f"  {'payload':<12}{'none' if payload is None else f'{len(payload)} bytes'}"
    for at in range(0, min(len(payload or b""), SHOWN_BYTES), WIDTH):
        part = (payload or b"")[at : at + WIDTH]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)  # noqa: PLR2004  printable ASCII
        yield f"    {at:04x}  {part.hex(' '):<{3 * WIDTH}} {text}"
    if len(payload or b"") > SHOWN_BYTES:
        yield "    … (--json prints all, in base64)"


def _time(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode(errors="backslashreplace")


def _plain(record: Json) -> Any:
    """Return the record in JSON's values; bytes of a foreign field as hexadecimal digits."""
    return to_json({name: value.hex() if isinstance(value, bytes) else value for name, value in record.items()})
