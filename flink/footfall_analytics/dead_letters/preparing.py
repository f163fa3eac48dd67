"""Decides of a dead letter what is sent again, or why nothing is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from confluent_kafka import Message
from footfall_schemas.checked import EventError, encode_checked
from footfall_schemas.codec import key_of
from footfall_schemas.errors import PermanentError
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json, Topic, load_topics

from footfall_analytics.dead_letters.decoding import Decoded, ahead, decoded, refusal
from footfall_analytics.dead_letters.letter import Letter
from footfall_analytics.dead_letters.mending import Mend, MendError, mended

RETRY_OF = "footfall-retry-of"
"""Header that says which message this one is sent in place of."""


@dataclass(frozen=True)
class Again:
    """A message as it is sent again."""

    letter: Letter
    key: bytes | None
    value: bytes | None = field(repr=False)
    headers: list[tuple[str, bytes]]
    partition: int | None
    """None: that of its key, which is another one now."""
    event_time: datetime | None


class NotSentError(PermanentError, ValueError):
    """Sending it again would be of no use; the message says why."""


@dataclass(frozen=True)
class Preparation:
    """What is asked for.

    Args:
        registry: Where schemas are.
        mend: What to change.
        now: What `now` means in it.
        latest: The latest `event_time` that is no mistake.
        prefix: Put before every topic's name.
    """

    registry: SchemaRegistry
    mend: Mend
    now: datetime
    latest: datetime
    prefix: str = ""

    def prepare(self, letter: Letter, original: Message | None) -> Again:
        """Return what to send in place of a message.

        Args:
            letter: Its dead letter.
            original: The message itself; None if it has been deleted since.

        Raises:
            NotSentError: It would be dead again, or is none to be sent by people.
            RegistryUnavailableError: The registry does not answer.
        """
        described = described_by(letter, self.prefix)
        if described is None:
            raise NotSentError(
                f"{letter.place.topic} is written by Footfall itself; only the shop's events can be sent again"
            )
        # A message that was too long to keep is still there, perhaps.
        value = letter.payload if letter.payload is not None or original is None else original.value()
        if value is None and not self.mend.document:
            raise NotSentError(f"nothing to send ({letter.reason})")
        read = decoded(value, self.registry, described)
        record = self._mended(described, read) if self.mend else read.record
        if self.mend:
            value = self._encoded(described, record)
        elif why := refusal(value, self.registry, described, self.latest):
            raise NotSentError(f"it would become a dead letter again: {why}")
        known = None if original is None else original.key()
        moved = any(record.get(name) != read.record.get(name) for name in described.key)
        key = key_of(described, record) if moved or original is None else known
        return Again(
            letter,
            key=key,
            value=value,
            headers=_headers(original, letter),
            partition=letter.place.partition if not moved or key == known else None,
            event_time=record.get("event_time"),
        )

    def _mended(self, described: Topic, read: Decoded) -> Json:
        if read.problem and self.mend.document is None and not read.record:
            raise NotSentError(f"it cannot be decoded ({read.problem}); give the whole record with --record")
        try:
            return mended(described, read.record, self.mend, self.now)
        except MendError as error:
            raise NotSentError(str(error)) from error

    def _encoded(self, described: Topic, record: Json) -> bytes:
        try:
            value = encode_checked(described, self.registry.register(described), record)
        except EventError as error:
            raise NotSentError(f"it would become a dead letter again: {error}") from error
        if why := ahead(record, self.latest):
            raise NotSentError(f"it would become a dead letter again: {why}")
        return value


def described_by(letter: Letter, prefix: str = "") -> Topic | None:
    """Return the topic of events that a message came from; None if it came from another."""
    found = load_topics().get(letter.place.topic.removeprefix(prefix))
    return found if found and not found.is_output else None


def _headers(original: Message | None, letter: Letter) -> list[tuple[str, bytes]]:
    kept: list[Any] = [each for each in (original and original.headers()) or [] if each[0] != RETRY_OF]
    return [*kept, (RETRY_OF, str(letter.place).encode())]
