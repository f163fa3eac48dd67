"""A server of asyncio in a thread of its own, for as long as a block lasts."""

import asyncio
import threading
from abc import ABC, abstractmethod
from typing import Self

STARTED_WITHIN = 10


class InThread(ABC):
    """Serves within a `with` block."""

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(STARTED_WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(STARTED_WITHIN)

    def _run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._until_end(ready))

    async def _until_end(self, ready: threading.Event) -> None:
        self._end = asyncio.Event()
        await self._serve(ready, self._end)

    @abstractmethod
    async def _serve(self, ready: threading.Event, end: asyncio.Event) -> None:
        """Set `ready` when it listens, and return after `end`."""
