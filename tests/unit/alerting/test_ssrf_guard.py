from collections.abc import Iterable
from datetime import timedelta

import httpcore
import pytest
from footfall_alerting.delivery import WebhookSender
from footfall_alerting.old_policy import DeliveryResult
from footfall_alerting.ssrf_guard import PublicOnly, is_public, look_up, public_only_transport

from .examples import endpoint, webhook


class Net(httpcore.AsyncMockBackend):
    """Remembers where connections go and answers them all with 204."""

    def __init__(self) -> None:
        super().__init__([b"HTTP/1.1 204 No Content\r\n\r\n"])
        self.reached: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.reached.append(host)
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_private_addresses_are_known_in_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_let_through(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
async def test_no_spelling_of_this_machine_is_reached(host: str) -> None:
    net = Net()
    sender = guarded(f"http://{host}/", PublicOnly(net))

    outcome = await sender.attempt(webhook(sender.endpoint))

    assert outcome.result is DeliveryResult.FAILED
    assert "not public" in outcome.detail
    assert net.reached == []


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    net, asked = Net(), []

    async def find(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["93.184.215.14"]

    sender = guarded("http://shop.example/", PublicOnly(net, find))

    assert (await sender.attempt(webhook(sender.endpoint))).result is DeliveryResult.DELIVERED
    assert asked == [("shop.example", 80)]
    assert net.reached == ["93.184.215.14"]


@pytest.mark.parametrize("addresses", [["93.184.215.14", "10.0.0.1"], []])
async def test_one_private_address_among_public_ones_is_enough_to_refuse(addresses: list[str]) -> None:
    async def find(*_: object) -> list[str]:
        return addresses

    net = Net()
    sender = guarded("http://shop.example/", PublicOnly(net, find))

    assert (await sender.attempt(webhook(sender.endpoint))).result is DeliveryResult.FAILED
    assert net.reached == []


async def test_names_are_looked_up_for_real() -> None:
    assert set(await look_up("localhost", 80)) <= {"127.0.0.1", "::1"}


def guarded(url: str, backend: PublicOnly) -> WebhookSender:
    return WebhookSender(
        endpoint(url=url),
        concurrency=1,
        timeout=timedelta(seconds=2),
        queue_timeout=timedelta(seconds=1),
        transport=public_only_transport(1, backend),
    )
