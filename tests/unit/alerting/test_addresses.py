import ipaddress

import pytest
from footfall_alerting.sending.addresses import is_allowed

PRIVATE_ADDRESSES = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.8.9.1 169.254.0.1 169.254.169.254
172.16.0.1 172.31.255.254 192.0.0.1 192.0.0.8 192.0.0.9 192.0.0.10 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1
198.18.0.1 198.19.255.254 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 fdff::1 ff02::1 ff0e::1 100::1 100:0:0:1::1 5f00::1
::127.0.0.1 ::10.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
::ffff:0:8.8.8.8 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::192.88.99.1 64:ff9b:1::1
64:ff9b:1::8.8.8.8 64:ff9b:1:ffff:ffff:ffff:127.0.0.1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 3fff:fff::1 4000::1 8000::1
2606:4700::5efe:127.0.0.1 2606:4700::200:5efe:10.0.0.1 2606:4700::5efe:8.8.8.8
"""
PUBLIC_ADDRESSES = """
1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.88.98.1 198.17.255.255
223.255.255.254 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001:81b::200e ::ffff:8.8.8.8 64:ff9b::8.8.8.8
"""


def networks(*texts: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(text) for text in texts]


def test_there_are_enough_of_them() -> None:
    assert len(set(PRIVATE_ADDRESSES.split())) >= 60


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES.split())
def test_what_is_not_public_is_known_in_every_disguise(address: str) -> None:
    assert not is_allowed(address, [])


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES.split())
def test_public_addresses_are_let_through(address: str) -> None:
    assert is_allowed(address, [])


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4/32", "::1/128", "%eth0"]
)
def test_what_is_no_address_is_not_gone_to(text: str) -> None:
    assert not is_allowed(text, networks("0.0.0.0/0", "::/0"))


def test_networks_are_allowed_by_name_and_nothing_else_is() -> None:
    allowed = networks("127.0.0.0/8", "fd00:1::/32")

    assert all(is_allowed(address, allowed) for address in ("127.0.0.1", "::ffff:127.9.9.9", "fd00:1::7"))
    assert not any(
        is_allowed(address, allowed)
        for address in ("10.0.0.1", "::1", "fd00:2::7", "::127.0.0.1", "64:ff9b::127.0.0.1")
    )
