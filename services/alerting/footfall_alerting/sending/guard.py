"""Keeps webhooks from reaching addresses that are not public (server-side request forgery).

A name is looked up once and the connection goes to an address that was checked, so that a second look-up cannot answer
differently.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import TypeAlias

import httpcore

from footfall_alerting.sending.addresses import Network, is_allowed
from footfall_alerting.sending.names import Names

HEAD_START = 0.25
"""Seconds that an address gets before the next one is tried, too (RFC 8305)."""
MOST_ADDRESSES = 16
"""As many of a name are tried."""

LookUp: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
Connect: TypeAlias = Callable[[str], Coroutine[None, None, httpcore.AsyncNetworkStream]]


class Guard(httpcore.AsyncNetworkBackend):
    """Connects to addresses that are public or in an allowed network, whichever of a name's answers first.

    Args:
        networks: Allowed though not public.
        inner: How to connect to an address.
        find: How to look a name up.
    """

    def __init__(
        self,
        networks: Iterable[Network] = (),
        inner: httpcore.AsyncNetworkBackend | None = None,
        find: LookUp | None = None,
    ) -> None:
        self._networks = tuple(networks)
        self._inner = inner or httpcore.AnyIOBackend()
        self._find = find or Names().find

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect, or raise `httpcore.ConnectError` when no address of the host may be gone to."""
        try:
            found = await self._find(host, port)
        except (OSError, UnicodeError) as error:  # the latter for a label that no name can have
            raise httpcore.ConnectError("the host's name has no address") from error
        allowed = [address for address in dict.fromkeys(found) if is_allowed(address, self._networks)]
        if not allowed:
            raise httpcore.ConnectError("the address is not public, and in no network of ALERTING_ALLOWED_NETWORKS")

        async def connect(address: str) -> httpcore.AsyncNetworkStream:
            return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

        return await _first(connect, allowed[:MOST_ADDRESSES])

    async def sleep(self, seconds: float) -> None:
        """Wait as the inner backend does."""
        await self._inner.sleep(seconds)


async def _first(connect: Connect, addresses: Sequence[str]) -> httpcore.AsyncNetworkStream:
    """Return the first connection that comes about; the next address is tried when one fails or keeps us waiting."""
    if len(addresses) == 1:
        return await connect(addresses[0])
    waiting = list(reversed(addresses))
    under_way: set[asyncio.Task[httpcore.AsyncNetworkStream]] = set()
    error: BaseException | None = None
    try:
        while waiting or under_way:
            if waiting:
                under_way.add(asyncio.create_task(connect(waiting.pop())))
            done, under_way = await asyncio.wait(
                under_way, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            connected = [task for task in done if not task.exception()]
            under_way |= set(connected[1:])
            if connected:
                return connected[0].result()
            error = next((task.exception() for task in done), error)
    finally:
        await _close(under_way)
    raise error or httpcore.ConnectError("no address answers")


async def _close(tasks: Iterable[asyncio.Task[httpcore.AsyncNetworkStream]]) -> None:
    for task in tasks:
        task.cancel()
        for result in await asyncio.gather(task, return_exceptions=True):
            if isinstance(result, httpcore.AsyncNetworkStream):
                await result.aclose()
