"""Keeps webhooks from reaching addresses that are not public (server-side request forgery).

A name is looked up once and the connection goes to the very address that was checked, so that a second look-up cannot
answer differently.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

import httpcore
import httpx

from footfall_alerting.network import Transport

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public internet, seen through its IPv6 disguises."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif found.sixtofour or found.teredo:
            return False
    return found.is_global and not found.is_multicast


async def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


class PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend | None = None, find: LookUp = look_up) -> None:
        self._inner = inner or httpcore.AnyIOBackend()
        self._find = find

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect, or raise `httpcore.ConnectError` when any address of the host is not public."""
        try:
            addresses = await self._find(host, port)
        except (OSError, UnicodeError) as error:  # the latter for a label that no name can have
            raise httpcore.ConnectError(f"cannot resolve {host}") from error
        if not addresses or not all(map(is_public, addresses)):
            raise httpcore.ConnectError("the address is not public; ALERTING_ALLOW_PRIVATE_NETWORKS forbids it")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait as the inner backend does."""
        await self._inner.sleep(seconds)


def public_only_transport(
    connections: int, backend: httpcore.AsyncNetworkBackend | None = None
) -> httpx.AsyncHTTPTransport:
    """Return a transport that reaches public addresses only."""
    return Transport(connections, backend or PublicOnly())
