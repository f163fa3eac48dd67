"""Serve an ASGI application inside a running event loop, beside other work."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from footfall_schemas.errors import PermanentError
from starlette.types import ASGIApp

BACKLOG = 2048
"""Connections that wait to be taken."""
GRACE = 2
"""Seconds open requests have to finish when the server stops."""


class PortUnavailableError(PermanentError):
    """The address cannot be listened on; the message says why."""


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, host: str, port: int) -> AsyncIterator[None]:
    """Answer HTTP requests until the block is left.

    Raises:
        PortUnavailableError: Another process has the port, or the host is not ours.
    """
    listener = _bind(host, port)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            loop="none",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({task}, timeout=GRACE + 1)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The process's signals belong to the worker.
        yield


def _bind(host: str, port: int) -> socket.socket:
    # Naming the protocol matters: asyncio turns Nagle's algorithm off only for sockets that say TCP, and with it on
    # every second answer of a connection waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # As long as nobody listens, others can bind the same port.
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortUnavailableError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener
