"""What has been sent again already: one mark a message, written in the transaction that sends it."""

import json
from collections.abc import Mapping

from footfall_schemas.topics import Topic

from footfall_analytics.dead_letters.letter import Letter, Place
from footfall_analytics.dead_letters.reading import Reader

MARKS = Topic(
    name="dead-letter-retries",
    kind="quality",
    schema={},
    key=(),
    partitions=1,
    # A message must not be sent twice however late somebody asks: no mark is ever deleted.
    cleanup="compact",
    retention_hours=None,
)


def read_marks(reader: Reader, prefix: str = "") -> dict[str, Place]:
    """Return where each message went that has been sent again, by `Letter.mark`."""
    topic = prefix + MARKS.name
    if not reader.exists(topic):
        return {}
    return {
        message.key().decode(): place
        for message in reader.read(topic)
        if message.key() and (place := _place(message.value()))
    }


def mark(letter: Letter, sent_to: Place) -> tuple[bytes, bytes]:
    """Return key and value of a mark."""
    return letter.mark.encode(), json.dumps(sent_to._asdict()).encode()


def _place(value: bytes | None) -> Place | None:
    try:
        told: Mapping[str, object] = json.loads(value or b"")
        return Place(str(told["topic"]), int(str(told["partition"])), int(str(told["offset"])))
    except (ValueError, KeyError, TypeError):
        return None
