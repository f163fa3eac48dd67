"""What every open page is sent: the newest of each kind as bytes, made once for all of them."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from footfall_dashboard.live.panel import text


@dataclass(frozen=True)
class Notice:
    """One thing that pages are told, as it is now."""

    version: int
    body: bytes
    """JSON."""
    frame: bytes
    """The same as a server-sent event."""


def event(name: str, body: bytes, number: int | None = None) -> bytes:
    """Return a server-sent event whose data is one line of JSON."""
    head = b"" if number is None else b"id: %d\r\n" % number
    return head + b"event: %s\r\ndata: %s\r\n\r\n" % (name.encode(), body)


class Board:
    """Notices by name, each with the number of its last change; belongs to one event loop.

    Numbers only grow, across restarts of the process, too: they begin with the clock.

    Args:
        clock: Epoch seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._notices: dict[str, Notice] = {}
        self._last = 0
        self._changed = asyncio.Event()
        self._joined: tuple[int, bytes] = (0, b"")

    @property
    def last(self) -> int:
        """Number of the newest change."""
        return self._last

    def get(self, name: str) -> Notice | None:
        """Return a notice, None when there has been none of that name."""
        return self._notices.get(name)

    def put(self, name: str, kind: str, content: Callable[[int], Mapping[str, Any]]) -> None:
        """Replace one notice and tell everybody who waits.

        Args:
            name: The notice's.
            kind: Name of the event.
            content: Returns what is told, given the number of this change.
        """
        self._last = max(self._last + 1, int(self._clock() * 1000))
        body = text(content(self._last))
        self._notices.pop(name, None)
        self._notices[name] = Notice(self._last, body, event(kind, body, self._last))
        self._changed.set()
        self._changed = asyncio.Event()

    def since(self, number: int) -> bytes:
        """Return all events newer than this number, oldest first; a number that was never given out is none."""
        if number == self._last:
            return b""
        begin = 0 if number > self._last else number
        # Nearly all pages ask from the same number on.
        if not self._joined[1] or self._joined[0] != begin or self._joined_last != self._last:
            frames = [notice.frame for notice in self._notices.values() if notice.version > begin]
            self._joined, self._joined_last = (begin, b"".join(frames)), self._last
        return self._joined[1]

    async def newer(self, number: int) -> bytes:
        """Wait until there is something newer than this number, and return it all."""
        while self._last == number:
            await self._changed.wait()
        return self.since(number)

    _joined_last = 0
