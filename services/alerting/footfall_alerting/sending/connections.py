"""Connections to one receiver, which are used again; no answer costs more than a short one, and none is another request's.

h11 speaks HTTP. There is no client on top, which would follow up what an answer says, such as places and cookies, and ask the
environment for proxies; and no pool, whose work for each request took as much CPU as all the rest.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import certifi
import h11

from footfall_alerting.sending.guard import Guard
from footfall_alerting.sending.wire import Wire

LONGEST_ANSWER = 128 * 1024
"""Bytes that are taken from the request to the end of what is read of its answer."""
IDLE_SECONDS = 1.0
"""How long a connection is kept for the next request: less than servers keep theirs, or a request meets one that closes."""

Headers: TypeAlias = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Place:
    """Where requests go."""

    host: str
    port: int
    target: bytes
    """Path and query."""
    is_encrypted: bool


class Answer:
    """An answer whose body is still to be read."""

    def __init__(self, wire: Wire) -> None:
        self.status = 0
        self._wire = wire
        self._headers: Iterable[tuple[bytes, bytes]] = ()
        self._state = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_ANSWER)
        self._read = 0

    @property
    def is_complete(self) -> bool:
        """Whether all of it was read, nothing has come behind it, and the connection may be used again."""
        return (
            self._state.our_state is h11.DONE
            and self._state.their_state is h11.DONE
            and not self._state.trailing_data[0]
            and self._wire.is_quiet
        )

    def header(self, name: bytes) -> str | None:
        """Return a header's first value; the name is in lower case."""
        return next((value.decode("latin-1") for each, value in self._headers if each == name), None)

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises:
            h11.RemoteProtocolError: It is no HTTP, or too long.
            OSError: The connection broke.
        """
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)

    async def ask(self, target: bytes, headers: Headers, content: bytes) -> None:
        """Send a POST request and wait for the answer's head.

        Raises:
            h11.RemoteProtocolError: It is no HTTP, or too long.
            OSError: The connection broke.
        """
        events = (
            h11.Request(method=b"POST", target=target, headers=headers),
            h11.Data(data=content),
            h11.EndOfMessage(),
        )
        self._wire.write(b"".join(filter(None, map(self._state.send, events))))
        while not isinstance(event := await self._next(), h11.Response):
            # Only what is provisional comes before: 1xx.
            pass
        self.status, self._headers = event.status_code, event.headers

    async def _next(self) -> h11.Event:
        event = self._state.next_event()
        while event is h11.NEED_DATA:
            piece = await self._wire.read()
            self._read += len(piece)
            if self._read > LONGEST_ANSWER:
                raise h11.RemoteProtocolError(f"it is longer than {LONGEST_ANSWER} bytes")
            if not piece and not self.status and not self._read:
                raise ConnectionResetError("closed without an answer")
            self._state.receive_data(piece)
            event = self._state.next_event()
        if not isinstance(event, h11.Event) or isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("it ends before its time")
        return event


class Connections:
    """Sends requests to one place.

    Args:
        place: Where they go.
        guard: How to connect.
        kept: Idle connections that are kept.
    """

    def __init__(self, place: Place, guard: Guard, kept: int) -> None:
        self._place = place
        self._guard = guard
        self._kept = kept
        self._idle: list[tuple[Wire, float]] = []
        """With the loop's time until which each may be used again; the newest last."""

    def close(self) -> None:
        """Close those that are idle; the others close when their answers are read."""
        self._kept = 0
        while self._idle:
            self._idle.pop()[0].close()

    @asynccontextmanager
    async def answer(self, headers: Headers, content: bytes) -> AsyncIterator[Answer]:
        """Yield the answer to a POST request.

        Raises:
            UnreachableError: There is no connection, or may be none.
            h11.RemoteProtocolError: The answer is no HTTP, or too long.
            OSError: The connection broke.
        """
        wire = self._used() or await self._new()
        answer = Answer(wire)
        try:
            await answer.ask(self._place.target, headers, content)
            yield answer
        finally:
            if answer.is_complete and len(self._idle) < self._kept:
                self._idle.append((wire, asyncio.get_running_loop().time() + IDLE_SECONDS))
            else:
                wire.close()

    def _used(self) -> Wire | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            wire, until = self._idle.pop()
            # What comes unasked would be taken for the answer to the next request.
            if wire.is_quiet and now < until:
                return wire
            wire.close()
        return None

    async def _new(self) -> Wire:
        connected = await self._guard.connect(self._place.host, self._place.port)
        try:
            _, wire = await asyncio.get_running_loop().create_connection(
                Wire,
                sock=connected,
                ssl=trust() if self._place.is_encrypted else None,
                server_hostname=self._place.host if self._place.is_encrypted else None,
            )
        except BaseException:
            connected.close()
            raise
        return wire


@cache
def trust() -> ssl.SSLContext:
    """Return what receivers are trusted by: the authorities that certifi lists."""
    # One for all endpoints: to read the authorities' certificates takes a while and a megabyte.
    return ssl.create_default_context(cafile=certifi.where())
