"""Goes back in time through the topic of messages until enough is found. Pure: reading is handed in."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat

from footfall_health.ask.messages import RawMessage, Read, Windows

from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.job import Message, Status, decode_message

LOOK_LIMIT = 200_000
"""Records that are looked at for one answer, at most."""
SPANS = (600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)
"""Seconds of the stretches that are looked at one after the other, newest first; the last one's length goes on."""
FIRST_LOOK = 2000
"""Records of the first stretch, at most; each that follows may have twice as many: most questions are about what is new."""
SHORTEST_SPAN = 0.001
"""Seconds: times of records are no finer."""

SLACK = 60.0
"""Seconds by which the clocks of broker and workers may differ."""

Offsets = Callable[[float], Mapping[int, int]]
"""Returns, by partition, the first offset that was appended at a time, epoch seconds, or after it."""


@dataclass(frozen=True)
class Query:
    """Which messages are looked for; None is all."""

    endpoint: str | None = None
    status: Status | None = None
    type: str | None = None
    since: float = 0.0
    """Epoch seconds; what has changed at this time or later."""
    until: float | None = None

    def matches(self, message: Message) -> bool:
        """Tell whether this is one of them."""
        return (
            self.endpoint in {None, message.job.endpoint}
            and self.status in {None, message.status}
            and self.type in {None, message.job.type}
            and message.updated >= self.since
            and (self.until is None or message.updated <= self.until)
        )

    def may_match(self, value: bytes) -> bool:
        """Tell, without reading all of it, whether this may be one of them: most are not."""
        wanted = {"endpoint": self.endpoint, "status": self.status, "type": self.type}
        # Within a text its quotes would have a backslash before them.
        return all(
            text is None or f'"{name}":{json.dumps(text, ensure_ascii=False)}'.encode() in value
            for name, text in wanted.items()
        )


@dataclass(frozen=True)
class Summary:
    """A message without its payload and answers: what a list holds of it."""

    webhook_id: str
    endpoint: str
    event_id: str
    type: str
    key: str
    trigger: str
    status: Status
    reason: str
    updated: float
    event_time: float
    attempted: int
    """Failed attempts of its newest trigger."""
    due: float | None
    """When it is attempted next, epoch seconds; None: never."""
    last: str
    """How its newest attempt ended; empty: there was none."""


@dataclass(frozen=True)
class Found:
    """A message and where it lies."""

    partition: int
    message: Message


@dataclass(frozen=True)
class Page:
    """Messages, the one that changed last first."""

    messages: list[Summary]
    since: float
    """How far back was looked, epoch seconds: there may be more before that if it is later than what was asked for."""


@dataclass
class Log:
    """The topic of messages as it is at one moment.

    Args:
        read: Reads it.
        offsets: Finds offsets by time.
        kept: Begin and end of each partition.
        now: Epoch seconds.
        left: How many records may still be looked at.
    """

    read: Read
    offsets: Offsets
    kept: Windows
    now: float
    left: int = LOOK_LIMIT
    reached: float = math.inf
    """How far back was looked, epoch seconds."""

    def newest(self, query: Query, limit: int) -> Page:
        """Return the messages that match, the one that changed last first.

        Args:
            query: Which ones.
            limit: How many to return at most.
        """
        seen: set[bytes] = set()
        found: list[Summary] = []
        for windows in self._back(query.since - SLACK):
            states: dict[bytes, Summary | None] = {}
            for record in self.read(windows):
                # What a newer stretch says of it holds.
                if record.key is not None and record.key not in seen:
                    states[record.key] = _summary(record.value, query)
            seen.update(states)
            found += [each for each in states.values() if each]
            if len(found) >= limit:
                break
        found.sort(key=lambda each: -each.updated)
        if len(found) >= limit:
            return Page(found[:limit], found[limit - 1].updated)
        return Page(found, max(self.reached, query.since))

    def find(self, webhook_id: str) -> Found | None:
        """Return the newest message of one webhook; None: nothing is kept of it, or it is further back than may be looked."""
        key = webhook_id.encode()
        for windows in self._back(0.0):
            last: RawMessage | None = None
            for record in self.read(windows):
                if record.key == key:
                    last = record
            if last is not None:
                message = _message(last.value)
                return Found(last.partition, message) if message else None
        return None

    def _back(self, since: float) -> Iterator[Windows]:
        """Yield ever older stretches while there is something left to look at."""
        stop, ends = self.now, {number: end for number, (_, end) in self.kept.items()}
        spans, most = chain(SPANS, repeat(SPANS[-1])), FIRST_LOOK
        while stop > since and self.left > 0 and any(ends[number] > low for number, (low, _) in self.kept.items()):
            start, begins = self._beginning(max(since, stop - next(spans)), stop, ends, min(most, self.left))
            most *= 2
            self.left -= sum(ends[number] - begin for number, begin in begins.items())
            yield {number: (begin, ends[number]) for number, begin in begins.items() if begin < ends[number]}
            self.reached = start
            stop, ends = start, begins
        if self.left > 0:
            self.reached = since

    def _beginning(self, start: float, stop: float, ends: Mapping[int, int], most: int) -> tuple[float, dict[int, int]]:
        while True:
            offsets = self.offsets(start)
            begins = {number: min(offsets.get(number, end), end) for number, end in ends.items()}
            many = sum(ends[number] - begin for number, begin in begins.items())
            if many <= most or stop - start <= SHORTEST_SPAN:
                return start, begins
            # A burst: the newest part of it.
            start = stop - (stop - start) / 2


def _message(value: bytes | None) -> Message | None:
    try:
        return decode_message(value)
    except UnreadableJobError:
        return None


def _summary(value: bytes | None, query: Query) -> Summary | None:
    if value is None or not query.may_match(value):
        return None
    message = _message(value)
    return summary_of(message) if message and query.matches(message) else None


def summary_of(message: Message) -> Summary:
    """Return what a list holds of a message."""
    job = message.job
    last = job.attempts[-1] if job.attempts else None
    return Summary(
        webhook_id=job.webhook_id,
        endpoint=job.endpoint,
        event_id=job.event_id,
        type=job.type,
        key=job.key,
        trigger=job.trigger,
        status=message.status,
        reason=message.reason,
        updated=message.updated,
        event_time=job.event_time,
        attempted=job.attempted,
        due=job.not_before if message.status == "waiting" else None,
        last=last.detail if last else "",
    )
