"""Goes back through a topic, newest messages first, and says where to go on. Pure: reading is handed in."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from footfall_health.ask.messages import RawMessage, Read, Windows
from footfall_schemas.errors import PermanentError

LOOK_LIMIT = 20_000
"""Offsets that are looked at for one page at most."""
BYTES_LIMIT = 32 * 1024 * 1024
"""Bytes of messages that are kept for one page at most; a single message may be larger."""
DIGITS = 19
"""An offset has so many at most."""


class CursorError(PermanentError, ValueError):
    """`before` is no place in this topic."""


@dataclass(frozen=True)
class Page:
    """Some messages, newest first."""

    messages: list[RawMessage]
    older: str | None
    """Where to go on; None: there are no older ones."""
    looked_at: int
    """Offsets."""


class _Taker:
    """Takes the messages of one window, in order; for older ones there may be no room.

    Args:
        start: First offset of the window.
        limit: How many to keep at most.
        room: How many bytes.
    """

    def __init__(self, start: int, limit: int, room: int) -> None:
        self.kept: deque[RawMessage] = deque()
        self.since, self.size = start, 0
        self._start, self._limit, self._room = start, limit, room

    @property
    def has_dropped(self) -> bool:
        """Tell whether there was no room for some."""
        return self.since > self._start

    def take(self, message: RawMessage) -> None:
        """Keep a message, instead of older ones if there is no room; what was dropped is as if never looked at."""
        self.kept.append(message)
        self.size += message.size
        while len(self.kept) > 1 and (len(self.kept) > self._limit or self.size > self._room):
            gone = self.kept.popleft()
            self.size -= gone.size
            self.since = gone.offset + 1


@dataclass
class _Partition:
    low: int
    start: int
    """What lies from here on has been looked at, or is newer than what was asked for."""
    room: int
    """Bytes that may still be kept."""
    limit: int
    found: list[RawMessage] = field(default_factory=list)
    """Newest first."""
    is_full: bool = False

    def taker(self, start: int) -> _Taker:
        """Return what takes the messages of the window that begins there."""
        return _Taker(start, self.limit - len(self.found), self.room)

    def add(self, taken: _Taker) -> None:
        """Add what is older than what was found."""
        self.room -= taken.size
        self.found += reversed(taken.kept)
        self.start = taken.since
        self.is_full = taken.has_dropped or len(self.found) >= self.limit or self.room <= 0


def page_of(
    read: Read,
    ranges: Windows,
    *,
    limit: int,
    matches: Callable[[RawMessage], bool] | None = None,
    look_limit: int = LOOK_LIMIT,
) -> Page:
    """Return the newest messages of a topic.

    Args:
        read: Reads it.
        ranges: What there is of each partition, without what is newer than what is asked for.
        limit: How many to return at most.
        matches: Which ones to return; None is all.
        look_limit: How many offsets to look at, at most.
    """
    room = BYTES_LIMIT // max(len(ranges), 1)
    partitions = {number: _Partition(low, stop, room, limit) for number, (low, stop) in ranges.items()}
    # A key is looked for in everything that may be looked at; otherwise as far as it takes, markers take offsets, too.
    step, left = (look_limit if matches else 2 * limit), look_limit
    while open_ones := {
        number: each for number, each in partitions.items() if each.start > each.low and not each.is_full
    }:
        step = min(step, left // len(open_ones))
        if step == 0:
            break
        windows = {number: (max(each.low, each.start - step), each.start) for number, each in open_ones.items()}
        takers = {number: each.taker(windows[number][0]) for number, each in open_ones.items()}
        for message in read(windows):
            if matches is None or matches(message):
                takers[message.partition].take(message)
        for number, (start, stop) in windows.items():
            partitions[number].add(takers[number])
            left -= stop - start
        step *= 2
    return _page(partitions, limit, look_limit - left)


def _page(partitions: Mapping[int, _Partition], limit: int, looked_at: int) -> Page:
    chosen = list(_newest(partitions, limit))
    taken = {number: sum(message.partition == number for message in chosen) for number in partitions}
    places = {}
    for number, each in partitions.items():
        rest = each.found[taken[number] :]
        places[number] = rest[0].offset + 1 if rest else each.start
    is_end = all(place <= partitions[number].low for number, place in places.items())
    return Page(chosen, None if is_end else cursor_of(places), looked_at)


def _newest(partitions: Mapping[int, _Partition], limit: int) -> Iterator[RawMessage]:
    """Merge by time; within a partition the order is that of offsets, whatever the times say."""
    heads = {number: deque(each.found) for number, each in partitions.items() if each.found}
    for _ in range(limit):
        if not heads:
            return
        number = max(heads, key=lambda number: (heads[number][0].millis or 0, -number))
        yield heads[number].popleft()
        if not heads[number]:
            del heads[number]


def cursor_of(places: Mapping[int, int]) -> str:
    """Return places as text, such as `0:29980,1:30011`."""
    return ",".join(f"{number}:{offset}" for number, offset in sorted(places.items()))


def ranges_of(kept: Windows, before: str | None, partition: int | None) -> dict[int, tuple[int, int]]:
    """Return what is to be looked at of each partition.

    Args:
        kept: Begin and end of each partition.
        before: Where an earlier page has ended, or the offset in the one partition; None is the end.
        partition: The only one that is asked for; None is all.

    Raises:
        CursorError: There is no such place or partition.
    """
    if partition is not None and partition not in kept:
        raise CursorError(f"partition: there is no partition {partition}; there are 0 to {max(kept, default=0)}")
    chosen = {number: kept[number] for number in ([partition] if partition is not None else kept)}
    if before is None:
        return chosen
    places = _places(before, partition)
    if unknown := places.keys() - chosen.keys():
        raise CursorError(f"before: partition {min(unknown)} is not among those that are asked for")
    # One that the cursor does not name had nothing older.
    return {number: (low, max(low, min(places.get(number, low), stop))) for number, (low, stop) in chosen.items()}


def _places(before: str, partition: int | None) -> dict[int, int]:
    try:
        if partition is not None and ":" not in before:
            return {partition: _natural(before)}
        pairs = (place.split(":") for place in before.split(","))
        return {_natural(number): _natural(offset) for number, offset in pairs}
    except ValueError:
        raise CursorError(
            f"before: {before[:100]!r} is no place; give what an earlier page has as `older`, or an offset with `partition`"
        ) from None


def _natural(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise ValueError(text)
    return int(text)


def key_matcher(key: str) -> Callable[[RawMessage], bool]:
    """Return what tells whether a message has this key: as a whole, or as one value of a key that is a JSON object."""
    whole = key.encode()

    def matches(message: RawMessage) -> bool:
        if message.key is None:
            return False
        return message.key == whole or (message.key.startswith(b"{") and key in _values(message.key))

    return matches


def _values(key: bytes) -> list[str]:
    try:
        return [str(value) for value in json.loads(key).values()]
    except (ValueError, AttributeError, RecursionError):
        return []
