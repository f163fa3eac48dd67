"""Records as they were read, and where they go that can never be handled."""

from dataclasses import dataclass, field
from typing import Protocol

import structlog
from aiokafka.errors import MessageSizeTooLargeError

from footfall_chassis.letters import letter_headers

log = structlog.get_logger(__name__)


class Send(Protocol):
    """Appends a record durably; returns when it is safe."""

    async def __call__(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        """Append one record."""


@dataclass(frozen=True)
class Record:
    """One Kafka record as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    generation: int = field(default=0, compare=False)
    """Number of the assignment in which it was read."""

    @property
    def position(self) -> str:
        """Where it lies, for logs."""
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass(frozen=True)
class DeadLetters:
    """Where records go that can never be handled."""

    send: Send
    topic: str

    async def add(self, record: Record, stage: str, error: str) -> None:
        """Keep the record's bytes with the reason and where it came from."""
        headers = letter_headers(record.topic, record.partition, record.offset, stage=stage, error=error)
        log.warning("dead letter", position=record.position, stage=stage, error=error)
        # The headers may push it over the broker's limit; the original stays where they say.
        for key, value, cut in ((record.key, record.value, False), (record.key, None, True)):
            try:
                await self.send(self.topic, key, value, headers | ({"truncated": b"true"} if cut else {}))
            except MessageSizeTooLargeError:
                continue
            return
        await self.send(self.topic, None, None, headers | {"truncated": b"true"})
