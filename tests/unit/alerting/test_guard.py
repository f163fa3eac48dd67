import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from datetime import timedelta

import pytest
from footfall_alerting.policy import Outcome, Result
from footfall_alerting.sending.guard import HEAD_START, Guard, LookUp
from footfall_alerting.sending.names import Names
from footfall_alerting.sending.sender import Sender

from .examples import endpoint, job


class Net:
    """Remembers where connections go and answers them all with 204, but for addresses that are dead."""

    def __init__(self, refuses: Sequence[str] = (), swallows: Sequence[str] = ()) -> None:
        self.reached: list[str] = []
        self._refuses = refuses
        self._swallows = swallows

    async def connect(self, address: str, _: int) -> socket.socket:
        self.reached.append(address)
        if address in self._refuses:
            raise ConnectionRefusedError(111, "refused")
        if address in self._swallows:
            await asyncio.sleep(60)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.theirs = theirs
        return ours


async def attempt(guard: Guard, url: str = "http://shop.example/") -> Outcome:
    sender = Sender(endpoint(url=url), timeout=timedelta(seconds=2), guard=guard)
    return await sender.attempt(job(sender.endpoint))


def answers(*addresses: str) -> LookUp:
    async def find(*_: object) -> Sequence[str]:
        return addresses

    return find


MACHINE = """
127.0.0.1 localhost LOCALHOST localhost. 2130706433 0x7f000001 0x7f.1 0177.0.0.1 127.1 0 0.0.0.0 [::1] [::] [0:0:0:0:0:0:0:1]
[::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] ①②⑦.0.0.1 127。0。0。1 169.254.169.254 [fd00:ec2::254] 2852039166
[64:ff9b::7f00:1] [::ffff:0:7f00:1] user@127.0.0.1 shop.example@127.0.0.1 127.0.0.1%2f
"""


@pytest.mark.parametrize("host", MACHINE.split())
async def test_no_spelling_of_this_machine_is_reached(host: str) -> None:
    net = Net()
    try:
        outcome = await attempt(Guard(connect=net.connect), f"http://{host}/")
    except ValueError:  # no endpoint can have such a URL
        outcome = Outcome(Result.FAILED, detail="no URL")

    assert outcome.result is Result.FAILED
    assert net.reached == []


async def test_who_is_refused_is_told_which_setting_would_allow_it() -> None:
    outcome = await attempt(Guard(connect=Net().connect), "http://127.0.0.1/")

    assert outcome.detail == (
        "cannot connect: the address is not public, and in no network of ALERTING_ALLOWED_NETWORKS"
    )


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    net, asked = Net(), []

    async def find(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["93.184.215.14"]

    assert (await attempt(Guard(connect=net.connect, find=find))).result is Result.DELIVERED
    assert asked == [("shop.example", 80)]
    assert net.reached == ["93.184.215.14"]


async def test_only_the_addresses_that_may_be_gone_to_are() -> None:
    net = Net(refuses=["93.184.215.14"])

    outcome = await attempt(
        Guard(connect=net.connect, find=answers("10.0.0.1", "93.184.215.14", "::1", "169.254.169.254"))
    )

    assert outcome.result is Result.FAILED
    assert net.reached == ["93.184.215.14"]


async def test_allowed_networks_are_gone_to() -> None:
    net = Net()

    guard = Guard([ipaddress.ip_network("10.1.0.0/16")], net.connect, answers("10.2.0.1", "10.1.0.1"))

    assert (await attempt(guard)).result is Result.DELIVERED
    assert net.reached == ["10.1.0.1"]


async def test_the_next_address_is_tried_when_one_refuses() -> None:
    net = Net(refuses=["93.184.215.14"])

    outcome = await attempt(Guard(connect=net.connect, find=answers("93.184.215.14", "93.184.215.15")))

    assert outcome.result is Result.DELIVERED
    assert net.reached == ["93.184.215.14", "93.184.215.15"]
    assert outcome.seconds < HEAD_START


async def test_the_next_address_is_tried_when_one_says_nothing() -> None:
    net = Net(swallows=["93.184.215.14", "93.184.215.15"])

    outcome = await attempt(Guard(connect=net.connect, find=answers("93.184.215.14", "93.184.215.15", "93.184.215.16")))

    assert outcome.result is Result.DELIVERED
    assert 2 * HEAD_START <= outcome.seconds < 2


@pytest.mark.parametrize("addresses", [["93.184.215.14"], ["93.184.215.14", "93.184.215.15"]])
async def test_where_no_address_answers_the_last_reason_is_told(addresses: list[str]) -> None:
    outcome = await attempt(Guard(connect=Net(refuses=addresses).connect, find=answers(*addresses)))

    assert outcome.detail == "cannot connect: refused"


async def test_a_name_without_addresses_is_told() -> None:
    async def find(*_: object) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    outcome = await attempt(Guard(connect=Net().connect, find=find))

    assert outcome.detail == "cannot connect: the host's name has no address"


async def test_names_are_looked_up_for_real() -> None:
    assert set(await Names().find("localhost", 80)) <= {"127.0.0.1", "::1"}
    with pytest.raises(socket.gaierror):
        await Names().find("nowhere.invalid", 80)
    with pytest.raises(UnicodeError):
        await Names().find("a" * 64 + ".example", 80)


async def test_a_look_up_that_hangs_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, []
    hanging = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look_up(host: str, *rest: object, **named: object) -> object:
        asked.append(host)
        if host == "dead.example":
            asyncio.run_coroutine_threadsafe(hanging.wait(), loop).result(10)
        return real("localhost", *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    names = Names()
    waiting = [asyncio.create_task(names.find("dead.example", 80)) for _ in range(20)]

    async with asyncio.timeout(2):
        assert await names.find("good.example", 80)
    waiting[0].cancel()
    hanging.set()

    assert all(await asyncio.gather(*waiting[1:]))
    assert asked.count("dead.example") == 1
    assert await names.find("dead.example", 80)
    assert asked.count("dead.example") == 2
