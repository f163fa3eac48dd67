"""Connections to a receiver: no answer costs more than a short one, and none is taken for that to another request.

httpcore and no client on top of it: there are no cookies, no redirects and no proxies of the environment to turn off.
"""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeAlias

import httpcore

LONGEST_ANSWER = 128 * 1024
"""Bytes that are taken from the request to the end of what is read of its answer."""
PIECE_BYTES = 4096
"""As much is taken at once: others get their turn before what comes next is parsed."""
IDLE_SECONDS = 5.0
"""How long a connection is kept for the next request."""

Backend: TypeAlias = httpcore.AsyncNetworkBackend


class Connections:
    """Sends requests.

    Args:
        kept: Idle ones that are kept open.
        backend: How to connect.
    """

    def __init__(self, kept: int, backend: Backend) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trust(),
            # How many requests there are at once is the caller's business: to wait here would use up their time.
            max_connections=None,
            max_keepalive_connections=kept,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Bounded(backend),
        )

    async def close(self) -> None:
        """Close all of them."""
        await self._pool.aclose()

    @asynccontextmanager
    async def answer(self, request: httpcore.Request) -> AsyncIterator[httpcore.Response]:
        """Yield the answer to a request, whose body is still to be read."""
        response = await self._pool.handle_async_request(request)
        try:
            yield response
        finally:
            connection = response.extensions.get("network_stream")
            if isinstance(connection, _BoundedStream):
                connection.spoiled = _has_surplus(response.stream)
            await response.aclose()


class _Bounded(httpcore.AsyncNetworkBackend):
    """Connects as `inner` does; what comes in is counted."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _BoundedStream(stream)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _BoundedStream(httpcore.AsyncNetworkStream):
    """A connection that breaks when the answer to a request is too long."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self.spoiled = False
        """Whether no other request may use it."""
        self._inner = inner
        self._read = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        piece = await self._inner.read(min(max_bytes, PIECE_BYTES), timeout)
        self._read += len(piece)
        if self._read > LONGEST_ANSWER:
            raise httpcore.RemoteProtocolError(f"it is longer than {LONGEST_ANSWER} bytes")
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        # The answer to the next request is counted anew.
        self._read = 0
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return _BoundedStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self.spoiled:
            # httpcore closes an idle connection that has something to read.
            return True
        return self._inner.get_extra_info(info)


@cache
def _trust() -> ssl.SSLContext:
    # One for all endpoints: to read the authorities' certificates takes a while and a megabyte.
    return httpcore.default_ssl_context()


def _has_surplus(body: Any) -> bool:
    # Only the parser knows. Where it is not found, which a test would tell, the connection is not used again.
    try:
        parser = body._stream._connection._h11_state  # noqa: SLF001
    except AttributeError:
        return True
    return bool(parser.trailing_data[0])
