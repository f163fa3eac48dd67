"""Connections to receivers: no answer costs more than a short one, and none is taken for that to another request."""

import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpcore
import httpx

ANSWER_BYTES = 128 * 1024
"""Longest answer that is taken, from the request to the end of what is read of it."""
PIECE_BYTES = 4096
"""As much is taken at once: others get their turn before what comes next is parsed."""


class Bounded(httpcore.AsyncNetworkBackend):
    """Connects as `inner` does; what comes in is counted."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect."""
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return BoundedStream(stream)

    async def sleep(self, seconds: float) -> None:
        """Wait as the inner backend does."""
        await self._inner.sleep(seconds)


class BoundedStream(httpcore.AsyncNetworkStream):
    """A connection that breaks when the answer to a request is too long."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self.spoiled = False
        """Whether no other request may use it."""
        self._inner = inner
        self._read = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read a piece, or raise `httpcore.RemoteProtocolError` when it is too much."""
        piece = await self._inner.read(min(max_bytes, PIECE_BYTES), timeout)
        self._read += len(piece)
        if self._read > ANSWER_BYTES:
            raise httpcore.RemoteProtocolError(f"the answer is longer than {ANSWER_BYTES} bytes")
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write a part of a request, whose answer is counted anew."""
        self._read = 0
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Return the encrypted connection, bounded as well."""
        return BoundedStream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Tell of the connection."""
        if info == "is_readable" and self.spoiled:
            # httpcore closes an idle connection that has something to read.
            return True
        return self._inner.get_extra_info(info)


class Answered(httpx.AsyncByteStream):
    """The body of an answer, after which the connection is used again only if nothing more has come."""

    def __init__(self, inner: httpx.AsyncByteStream, connection: BoundedStream) -> None:
        self._inner = inner
        self._connection = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            yield piece

    async def aclose(self) -> None:
        """Let go of the connection."""
        self._connection.spoiled = _has_surplus(self._inner)
        await self._inner.aclose()


class Transport(httpx.AsyncHTTPTransport):
    """How requests travel.

    Args:
        connections: At most so many at once.
        backend: How to connect; to any address unless told.
    """

    def __init__(self, connections: int, backend: httpcore.AsyncNetworkBackend | None = None) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False)
        # httpx has no public way to set the backend; its version is pinned and a test sees that this still takes effect.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=5.0,
            network_backend=Bounded(backend),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer; its body is still to be read, and closed."""
        response = await super().handle_async_request(request)
        connection = response.extensions.get("network_stream")
        if isinstance(connection, BoundedStream) and isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = Answered(response.stream, connection)
        return response


def _has_surplus(body: Any) -> bool:
    # Only the parser knows. Where it is not found, which a test would tell, the connection is not used again.
    try:
        parser = body._httpcore_stream._stream._connection._h11_state  # noqa: SLF001
    except AttributeError:
        return True
    return bool(parser.trailing_data[0])
