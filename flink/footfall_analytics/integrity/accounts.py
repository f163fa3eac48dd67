"""The identities of what is added up for ever: what became of the messages. Pure.

What was there before the checker began is not known, so growth is compared, from the first quiet moment on. Only quiet
moments are compared: the streams are written one after the other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from footfall_schemas.topics import Json

from footfall_analytics.integrity.identities import Identity, Number, Part, Side
from footfall_analytics.integrity.ledger import Window

QUIET = 3.0
"""Seconds without a row after which a moment counts as quiet; a difference is looked at again after as many."""
ACCOUNTS, LATE, DEAD, COUNTS = "event_accounting", "late-events", "dead-letters", "event_counts"

Compared: TypeAlias = tuple[Identity, Window, Mapping[Part, tuple[Number, Number]]]
Sums: TypeAlias = dict[Part, tuple[int, int]]


def _nothing(_: Json) -> Number | None:
    return None


def _identity(name: str, means: str, other: str) -> Identity:
    # The sums are made here, not of a window's rows.
    return Identity(name, means, Side(ACCOUNTS, _nothing), Side(other, _nothing))


LATE_EVENTS = _identity(
    "late_events", "What was accounted for as late since the checker began is in late-events.", LATE
)
DEAD_LETTERS = _identity(
    "dead_letters", "What was accounted for as dead since the checker began is in dead-letters.", DEAD
)
COUNTED_EVENTS = _identity(
    "counted_events",
    "What was accounted for as counted since the checker began is what event_counts adds up to, stock apart.",
    COUNTS,
)
IDENTITIES = (LATE_EVENTS, DEAD_LETTERS, COUNTED_EVENTS)
TOPICS = (ACCOUNTS, LATE, DEAD, COUNTS)


@dataclass
class Accounts:
    """Rows of event_accounting beside those that they speak of.

    Args:
        shoppers: Topics of what shoppers do, by their whole names.
        stock: The topic of stock, by its whole name.
    """

    shoppers: frozenset[str]
    stock: str
    _accounted: dict[str, Json] = field(default_factory=dict)
    _found: dict[str, Counter[str]] = field(default_factory=lambda: {LATE: Counter(), DEAD: Counter()})
    _events: dict[tuple[datetime, str, str], int] = field(default_factory=dict)
    _forgotten: int = 0
    """Events of minutes that are not kept any more."""
    _oldest: datetime | None = None
    _moved_at: float | None = None
    _since: datetime | None = None
    _baseline: dict[Identity, Sums] = field(default_factory=dict)
    _is_doubted: bool = False
    """Whether the last comparison found a difference."""

    def put(self, name: str, row: Json, now: float) -> None:
        """Take a row of one of the streams; `now` are seconds that only go forward."""
        if name == ACCOUNTS:
            self._accounted[row["topic"]] = row
        elif name == COUNTS:
            if self._oldest is None or row["window_start"] >= self._oldest:
                self._events[row["window_start"], row["action"], row["source"]] = row["events"]
        else:
            self._found[name][row["topic"]] += 1
        self._moved_at = now

    def is_due(self, now: float) -> bool:
        """Tell whether something has come since the last comparison, and then nothing for a while."""
        return self._moved_at is not None and now - self._moved_at >= QUIET

    def compare(self, moment: datetime, now: float) -> list[Compared]:
        """Return by how much both numbers of each identity have grown; of a difference, when it is found for the second time.

        What differs is not said again: the next comparison begins anew.

        Args:
            moment: Now; nothing is on its way.
            now: The same in seconds that only go forward.
        """
        self._moved_at = None
        sums = {identity: self._sums(identity) for identity in IDENTITIES}
        if self._since is None:
            self._since, self._baseline = moment, sums
            return []
        window = (self._since, moment)
        growths = {
            identity: {part: self._growth(identity, part, pair) for part, pair in found.items()}
            for identity, found in sums.items()
        }
        differs = any(left != right for found in growths.values() for left, right in found.values())
        if differs and not self._is_doubted:
            self._is_doubted, self._moved_at = True, now
            return []
        self._is_doubted = False
        if differs:
            self._since = None
            self._moved_at = now
        return [(identity, window, found) for identity, found in growths.items()]

    def prune(self, before: datetime) -> None:
        """Forget the minutes that began before, but not what they add up to."""
        self._oldest = before
        for key in [key for key in self._events if key[0] < before]:
            self._forgotten += self._events.pop(key)

    def _growth(self, identity: Identity, part: Part, pair: tuple[int, int]) -> tuple[int, int]:
        before = self._baseline[identity].get(part, (0, 0))
        return (pair[0] - before[0], pair[1] - before[1])

    def _sums(self, identity: Identity) -> Sums:
        if identity is COUNTED_EVENTS:
            counted = sum(row["counted"] for topic, row in self._accounted.items() if topic in self.shoppers)
            return {("", ""): (counted, self._forgotten + sum(self._events.values()))}
        column, name = ("late", LATE) if identity is LATE_EVENTS else ("dead", DEAD)
        return {
            ("", topic): (self._accounted.get(topic, {}).get(column, 0), self._found[name][topic])
            for topic in sorted({*self.shoppers, self.stock})
        }
