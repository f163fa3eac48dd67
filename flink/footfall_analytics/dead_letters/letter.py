"""A dead letter, whoever wrote it: the job in Avro, a service as the original bytes with headers. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

from footfall_schemas.errors import PermanentError

_PLACE = re.compile(r"(?P<topic>.+)/(?P<partition>\d{1,9})@(?P<offset>\d{1,18})")


class Place(NamedTuple):
    """Where a message lies; written `checkouts/1@17`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the place that a text names.

        Raises:
            ValueError: It names none.
        """
        if not (match := _PLACE.fullmatch(text)):
            raise ValueError(f"{text!r} is not a position; write it as `list` does: checkouts/1@17")
        return cls(match["topic"], int(match["partition"]), int(match["offset"]))


class NotFoundError(PermanentError, LookupError):
    """There is no dead letter of this message where it was looked for.

    Args:
        place: Of the message.
        last: How many dead letters of each partition were looked at.
    """

    def __init__(self, place: Place, last: int) -> None:
        super().__init__(
            f"no dead letter of {place} among the last {last} of each partition; raise --last to search more"
        )


@dataclass(frozen=True)
class Letter:
    """A message that could not be read or handled."""

    place: Place
    """Of the message."""
    reason: str
    by: str
    """Who found it: analytics, alerting or recommender."""
    told_in: Place
    """Of the dead letter."""
    time: datetime
    """When it was written down, UTC."""
    payload: bytes | None = field(repr=False)
    """Value of the message; None for a tombstone and for one that was too long to keep."""
    digest: str = ""
    """Of the payload."""

    @property
    def mark(self) -> str:
        """What tells the message from every other, also from one at the same place of a topic that was made anew."""
        return f"{self.place} {self.digest}"


@dataclass(frozen=True)
class Wanted:
    """Which dead letters are asked for."""

    places: frozenset[Place] = frozenset()
    """Of messages; empty is all."""
    topic: str = ""
    """Name of the topic that the messages came from; empty is all."""
    reason: str = ""
    """Part of the reason, in any case."""
    since: datetime | None = None

    def __contains__(self, letter: Letter) -> bool:
        return (
            (not self.places or letter.place in self.places)
            and (not self.topic or letter.place.topic == self.topic)
            and self.reason.casefold() in letter.reason.casefold()
            and (self.since is None or letter.time >= self.since)
        )


def from_row(row: Mapping[str, Any], told_in: Place, time: datetime) -> Letter:
    """Return the dead letter that the job wrote as this row of `dead-letters`."""
    place, payload = Place(row["topic"], row["partition"], row["offset"]), row["payload"]
    return Letter(place, row["reason"], "analytics", told_in, time, payload, _digest(payload))


def from_headers(
    by: str, headers: Mapping[str, bytes], value: bytes | None, told_in: Place, time: datetime
) -> Letter | None:
    """Return the dead letter that a service wrote; None if the headers are none of a service's."""
    text = {name: (data or b"").decode(errors="replace") for name, data in headers.items()}
    try:
        place = Place(text["source-topic"], int(text["source-partition"]), int(text["source-offset"]))
    except (KeyError, ValueError):
        return None
    stage, reason = text.get("stage", ""), text.get("error", "")
    return Letter(place, f"{stage}: {reason}" if stage else reason, by, told_in, time, value, _digest(value))


def _digest(payload: bytes | None) -> str:
    return hashlib.sha256(payload or b"").hexdigest()[:16]
