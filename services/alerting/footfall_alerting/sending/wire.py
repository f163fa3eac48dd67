"""One TCP or TLS connection: what comes in waits until it is read, and no more than a little of it."""

import asyncio
from typing import cast

PIECE_BYTES = 4096
"""As much is read at once: others get their turn before what comes next is parsed."""


class Wire(asyncio.Protocol):
    """A connection's two directions."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._is_over = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether it is open and nothing has come that nobody has read."""
        return not self._pending and not self._is_over

    async def read(self) -> bytes:
        """Return what has come, at most `PIECE_BYTES`; nothing at the end.

        Raises:
            OSError: The connection broke.
        """
        if self.is_quiet:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        else:
            await asyncio.sleep(0)
        piece = bytes(self._pending[:PIECE_BYTES])
        del self._pending[:PIECE_BYTES]
        if not self._is_over and len(self._pending) < PIECE_BYTES:
            self._transport.resume_reading()
        if not piece and self._error:
            raise self._error
        return piece

    def write(self, data: bytes) -> None:
        """Send a request; one is too short to wait for its going out."""
        self._transport.write(data)

    def close(self) -> None:
        """Close it at once."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Keep what has come."""
        self._pending += data
        if len(self._pending) >= PIECE_BYTES:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Remember the end."""
        self._is_over = True
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Remember the end, and why."""
        self._is_over, self._error = True, error
        self._wake()

    def _wake(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)
