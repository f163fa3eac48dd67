"""Encodes an event only if Footfall will be able to read it. Pure."""

from datetime import datetime

from footfall_schemas.codec import PoisonMessageError, decode, encode
from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import Json, Topic

UNFIT = (ValueError, TypeError, AttributeError, KeyError, OverflowError)
"""What fastavro raises for a value that is none of its type's; some lack what it was about to do with them."""


class EventError(PermanentError, ValueError):
    """An event that Footfall could not read; the message names the field."""


def encode_checked(described: Topic, schema_id: int, event: Json, *, limits: bool = True) -> bytes:
    """Encode an event of this topic; a field that is left out is its default.

    Args:
        described: The topic.
        schema_id: The registry's id of the topic's schema.
        event: Values by field.
        limits: Whether to see that each value is within its field's limits, too.

    Raises:
        EventError: It lacks a field, has one too many, or a value that Footfall would not read.
    """
    for name, value in event.items():
        if isinstance(value, datetime) and value.tzinfo is None:
            raise EventError(f"{described.name}: {name} has no time zone")
    try:
        message = encode(schema_id, described.schema, event)
        if limits:
            decode(message, described.schema, described.reader)
    except PoisonMessageError as error:
        raise EventError(f"{described.name}: {error}") from error
    except UNFIT as error:
        raise EventError(f"{described.name}: {_unfit(described, event) or error}") from error
    return message


def _unfit(described: Topic, event: Json) -> str:
    """Return which field is missing or of another type, if that is what is wrong."""
    for field in described.schema["fields"]:
        name = field["name"]
        alone = {"type": "record", "name": "Alone", "fields": [field]}
        try:
            encode(0, alone, {name: event[name]} if name in event else {})
        except UNFIT as error:
            return f"{name} is {event[name]!r}: {error}" if name in event else f"{name} is missing"
    return ""
