"""A receiver that answers at once, in a process of its own: what others are asked costs it nothing."""

import asyncio
import multiprocessing
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Prompt:
    """Where it listens, and what it has heard."""

    url: str
    _heard: Any

    def heard(self) -> int:
        """Return how many requests have come."""
        return int(self._heard.value)


@contextmanager
def prompt() -> Iterator[Prompt]:
    """Run one until the block ends."""
    # A fork of a process with threads may wait for ever.
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    heard = spawning.Value("Q", 0)
    process = spawning.Process(target=_serve, args=(theirs, heard), daemon=True)
    process.start()
    try:
        yield Prompt(f"http://127.0.0.1:{ours.recv()}/", heard)
    finally:
        process.terminate()
        process.join()


class _Answering(asyncio.Protocol):
    def __init__(self, heard: Any) -> None:
        self._heard = heard
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer)
            size = end + 4 + int(length[1] if length else 0)
            if len(self._buffer) < size:
                return
            self._buffer = self._buffer[size:]
            self._heard.value += 1
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def _serve(pipe: Connection, heard: Any) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Answering(heard), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
