"""Which addresses webhooks may go to: public ones, and those of networks that are allowed by name. Pure."""

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that IANA has given to the public internet. Whatever else there is, such as fec0::/10, 5f00::/16, 64:ff9b:1::/48,
`::a.b.c.d` and `::ffff:0:a.b.c.d`, is not."""
_NOT_PUBLIC: tuple[Network, ...] = (
    # `is_global` lets parts of these through, or all, depending on the Python.
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv6Network("2001::/23"),
    ipaddress.IPv6Network("2001:db8::/32"),
    ipaddress.IPv6Network("2002::/16"),
    ipaddress.IPv6Network("3fff::/20"),
)


def is_allowed(text: str, networks: Iterable[Network]) -> bool:
    """Tell whether webhooks may go to an address that a look-up found; what is no address may not be gone to."""
    try:
        # A link-local address has the interface behind it.
        address = _unmapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return is_public(address) or any(address in network for network in networks)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet, seen through its IPv6 disguises."""
    address = _unmapped(address)
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _UNICAST or _is_isatap(address):
            return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOT_PUBLIC)


def _unmapped(address: Address) -> Address:
    # The system connects to ::ffff:a.b.c.d over IPv4.
    return (isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped) or address


def _is_isatap(address: ipaddress.IPv6Address) -> bool:
    # RFC 5214: any prefix, then 0000:5efe or 0200:5efe, then an IPv4 address.
    return (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE  # noqa: PLR2004
