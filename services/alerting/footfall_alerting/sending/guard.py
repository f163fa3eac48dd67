"""Keeps webhooks from reaching addresses that are not public (server-side request forgery).

A name is looked up once and the connection goes to an address that was checked, so that a second look-up cannot answer
differently.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import TypeAlias

from footfall_alerting.errors import UnreachableError
from footfall_alerting.sending.addresses import Network, is_allowed
from footfall_alerting.sending.names import Names

HEAD_START = 0.25
"""Seconds that an address gets before the next one is tried, too (RFC 8305)."""
MOST_ADDRESSES = 16
"""As many of a name are tried."""

LookUp: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
Connect: TypeAlias = Callable[[str, int], Coroutine[None, None, socket.socket]]


async def connected(address: str, port: int) -> socket.socket:
    """Return a socket that is connected to an address.

    Raises:
        OSError: It is not to be had.
    """
    connecting = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connecting, (address, port))
    except BaseException:
        connecting.close()
        raise
    return connecting


class Guard:
    """Connects to addresses that are public or in an allowed network, whichever of a name's answers first.

    Args:
        networks: Allowed though not public.
        connect: How to connect to an address.
        find: How to look a name up.
    """

    def __init__(
        self, networks: Iterable[Network] = (), connect: Connect = connected, find: LookUp | None = None
    ) -> None:
        self._networks = tuple(networks)
        self._connect = connect
        self._find = find or Names().find

    async def connect(self, host: str, port: int) -> socket.socket:
        """Return a socket that is connected to a host.

        Raises:
            UnreachableError: No address of it answers, or may be gone to.
        """
        try:
            found = await self._find(host, port)
        except (OSError, UnicodeError) as error:  # the latter for a label that no name can have
            raise UnreachableError("the host's name has no address") from error
        allowed = [address for address in dict.fromkeys(found) if is_allowed(address, self._networks)]
        if not allowed:
            raise UnreachableError("the address is not public, and in no network of ALERTING_ALLOWED_NETWORKS")
        try:
            return await self._first(allowed[:MOST_ADDRESSES], port)
        except OSError as error:
            raise UnreachableError(error.strerror or str(error)) from error

    async def _first(self, addresses: Sequence[str], port: int) -> socket.socket:
        """Return the first connection that comes about; the next address is tried when one fails or keeps us waiting."""
        if len(addresses) == 1:
            return await self._connect(addresses[0], port)
        waiting = list(reversed(addresses))
        under_way: set[asyncio.Task[socket.socket]] = set()
        error: BaseException | None = None
        try:
            while waiting or under_way:
                if waiting:
                    under_way.add(asyncio.create_task(self._connect(waiting.pop(), port)))
                done, under_way = await asyncio.wait(
                    under_way, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                ready = [task for task in done if not task.exception()]
                under_way |= set(ready[1:])
                if ready:
                    return ready[0].result()
                error = next((task.exception() for task in done), error)
        finally:
            await _close(under_way)
        raise error or OSError("no address answers")


async def _close(tasks: Iterable[asyncio.Task[socket.socket]]) -> None:
    for task in tasks:
        task.cancel()
        for result in await asyncio.gather(task, return_exceptions=True):
            if isinstance(result, socket.socket):
                result.close()
