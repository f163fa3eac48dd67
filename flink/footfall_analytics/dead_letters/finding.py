"""Finds dead letters: those of the job and of each service, as far as is asked for."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from confluent_kafka import Message
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of
from footfall_schemas.errors import PermanentError
from footfall_schemas.registry import SchemaRegistry

from footfall_analytics.dead_letters.letter import Letter, Place, Wanted, from_headers, from_row
from footfall_analytics.dead_letters.reading import Range, Reader

TOPICS = {
    "dead-letters": "analytics",
    "alerting-dead-letters": "alerting",
    "recommender-dead-letters": "recommender",
    "exporter-dead-letters": "exporter",
}
"""Who writes which topic."""
MOST_BYTES = 256 << 20
"""Of payloads that are held at a time."""


class TooMuchError(PermanentError):
    """More than fits into memory is asked for."""


@dataclass(frozen=True)
class Found:
    """Dead letters, and how many of them were looked at."""

    letters: list[Letter]
    """In the order of their messages."""
    looked_at: int
    reached_bound: bool
    """Whether there may be older ones that were not looked at."""


def find(
    reader: Reader, registry: SchemaRegistry, wanted: Wanted, *, last: int, prefix: str = "", with_payloads: bool = True
) -> Found:
    """Return the dead letters that are wanted; of a message that has several, the newest.

    Args:
        reader: Reads.
        registry: Where the schema of the job's dead letters is.
        wanted: Which.
        last: How many of each partition to look at, counted from its end.
        prefix: Put before every topic's name.
        with_payloads: Whether to keep the messages' bytes.

    Raises:
        TooMuchError: Their payloads have more than `MOST_BYTES`.
        RegistryUnavailableError: The registry does not answer.
    """
    newest: dict[str, Letter] = {}
    looked_at, reached, held = 0, False, 0
    for name, by in TOPICS.items():
        topic = prefix + name
        if not reader.exists(topic):
            continue
        partitions: dict[int, deque[Letter | None]] = {}
        counts: dict[int, int] = {}
        for message in reader.read(topic, Range(wanted.since, last)):
            counts[message.partition()] = counts.get(message.partition(), 0) + 1
            letter = _letter(by, message, registry)
            kept = letter if letter is not None and letter in wanted else None
            if kept is not None and not with_payloads:
                kept = replace(kept, payload=None)
            row = partitions.setdefault(message.partition(), deque())
            row.append(kept)
            dropped = row.popleft() if len(row) > last else None
            held += len((kept and kept.payload) or b"") - len((dropped and dropped.payload) or b"")
            if held > MOST_BYTES:
                raise TooMuchError(
                    f"the messages are larger than {MOST_BYTES >> 20} MiB together; "
                    "select fewer with --topic, --since or --last"
                )
        looked_at += sum(map(len, partitions.values()))
        reached = reached or any(count >= last for count in counts.values())
        for letter in (each for row in partitions.values() for each in row if each is not None):
            if letter.mark not in newest or newest[letter.mark].time <= letter.time:
                newest[letter.mark] = letter
    return Found(sorted(newest.values(), key=lambda letter: letter.place), looked_at, reached)


def _letter(by: str, message: Message, registry: SchemaRegistry) -> Letter | None:
    told_in = Place(message.topic(), message.partition(), message.offset())
    time = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
    if by != "analytics":
        return from_headers(by, dict(message.headers() or []), message.value(), told_in, time)
    try:
        row = decode(message.value(), registry.schema(schema_id_of(message.value())))
        return from_row(row, told_in, time)
    except (PoisonMessageError, KeyError):
        # Whatever this is, the job did not write it.
        return None
