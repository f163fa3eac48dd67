"""What a reason means for whoever sent the message: the field, and what to do about it. Pure."""

import re

from footfall_schemas.topics import Topic

_FIELD = re.compile(r"(?:schema \S+ has no field (?P<lacking>\w+)|(?P<named>\w+) (?:is|has|does) )")
_CURES = (
    (r"no value \(a tombstone\)", "This topic has no deletions: send the event, or nothing."),
    (
        r"bytes are too short|magic byte",
        "Write it with a serializer for a schema registry: a zero byte, the schema's id in four bytes, the Avro body.",
    ),
    (
        r"is not in the registry",
        "Register the schema in the registry that Footfall asks (SCHEMA_REGISTRY_URL), then send it again as it is.",
    ),
    (r"is of type \w+, not (AVRO|record)|is no Avro schema", "Write a record of an Avro schema."),
    (r"which is no\b", "Give the field its type in the topic's schema, or one that schemas/README.md lists."),
    (r"nested (too|deeper)|more than \d+ items", "Write a smaller record: the fields of the topic are enough."),
    (r"has no field", "Use the topic's schema, or give the writer's this field or an alias of this name."),
    (
        r"lies in the future",
        "Set the clock that wrote it right, in UTC; or wait until that time, and send it again as it is.",
    ),
    (r"does not look like \[A-Z\]", "Write an ISO 4217 code of three capital letters, such as EUR."),
    (r"does not", "Write it in the form that the reason names."),
    (r"is empty|is null|fewer than", "Give it a value; leave out an optional field that you do not know."),
    (r"has \d+ bytes", "Shorten it; the limit is in bytes of UTF-8."),
    (r"NUL character", "Take the NUL character out."),
    (
        r"decimal (places|of|without)|without digits|more than \d+ digits|binary number",
        "Write a decimal with no more digits than the schema has places.",
    ),
    (r"(less|more) than -?[\d.]+$", "Write a number within the limits of the schema."),
    (r"which is none of \[", "Write one of the values that the schema lists."),
    (r"outside of|no finite number", "Write a value that the field's type can hold."),
    (
        r"ends within|after the record|a length of|longer than|a number outside|a boolean that|UTF-8|(symbol|branch) \d+ of",
        "Its bytes are not of the schema whose id they bear: encode with that schema, or send the event anew.",
    ),
    (r"^deliver: ", "Mend the endpoint; webhooks are not sent again from here (docs/your-events.md)."),
    (r"^process: ", "The service failed on it: look at its log, and start a fixed release."),
)
OTHERWISE = "docs/your-events.md says what can be read."


def field_of(reason: str, described: Topic | None) -> str:
    """Return the field that a reason speaks of; empty if it is none of the topic's."""
    match = _FIELD.match(reason)
    name = match and (match["lacking"] or match["named"])
    return name if name and described and name in described.field_names else ""


def cure_of(reason: str) -> str:
    """Return what to do, in a sentence."""
    return next((cure for pattern, cure in _CURES if re.search(pattern, reason)), OTHERWISE)
