"""One attempt, whatever the receiver does: each kind of receivers, each odd answer, each address that leads nowhere."""

import asyncio
import base64
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
from footfall_alerting.policy import Outcome, Result
from footfall_alerting.sending import connections
from footfall_alerting.sending.guard import Guard
from footfall_alerting.sending.sender import Sender
from standardwebhooks import Webhook

from .examples import SECRET, endpoint, event, job
from support import answers, node, receivers
from support.answers import DELIVERED, KINDS, REFUSED, RETRY

LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))
RESULTS = {
    RETRY: Result.FAILED,
    DELIVERED: Result.DELIVERED,
    REFUSED: Result.GONE,
    receivers.EXHAUSTED: Result.FAILED,
    receivers.GONE: Result.GONE,
}


def sender(url: str, *, timeout: float = 1.5, guard: Guard | None = None, **fields: Any) -> Sender:
    return Sender(
        endpoint(url=url, **fields),
        timeout=timedelta(seconds=timeout),
        connections=2,
        networks=LOOPBACK,
        guard=guard,
    )


async def attempt(to: Sender, **fields: Any) -> Outcome:
    async with asyncio.timeout(15):
        return await to.attempt(job(to.endpoint, **fields))


@pytest.fixture(scope="module")
def odd() -> Iterator[answers.Receivers]:
    with answers.Receivers() as odd:
        yield odd


@pytest.fixture(scope="module")
def everybody() -> Iterator[receivers.Receivers]:
    with receivers.Receivers(minute=1.0, secret=SECRET) as everybody:
        yield everybody


@pytest.mark.parametrize("kind", receivers.KINDS)
async def test_every_kind_of_receiver_is_an_outcome(kind: str, everybody: receivers.Receivers) -> None:
    to = sender(everybody.urls[kind])
    play = receivers.KINDS[kind]

    outcomes = [await attempt(to, id=f"{kind} {number}") for number in range(3)]
    await to.close()

    expected = Result.FAILED if play.recovers else RESULTS[play.becomes]
    assert {outcome.result for outcome in outcomes} == {expected}
    assert all(outcome.detail and len(outcome.detail) <= 500 and len(outcome.answer) <= 2048 for outcome in outcomes)
    assert all(0 < outcome.seconds < 4 for outcome in outcomes)
    assert all(outcome.throttle == kind.startswith("429") for outcome in outcomes)
    assert all(bool(outcome.retry_after) == bool(play.retry_after) for outcome in outcomes)
    assert everybody.invalid() == []
    assert not any("cookie" in request.headers for request in everybody.requests[kind])
    if kind.startswith("redirect"):
        assert len(everybody.requests[kind]) == 3
    if kind.startswith("TLS"):
        assert "SSL" in outcomes[0].detail
        assert not everybody.requests[kind]


@pytest.mark.parametrize("kind", [kind for kind, play in receivers.KINDS.items() if play.recovers])
async def test_who_recovers_is_delivered_to(kind: str) -> None:
    with receivers.Receivers(minute=0.2, secret=SECRET, kinds={kind: receivers.KINDS[kind]}) as recovering:
        to = sender(recovering.urls[kind])
        first = await attempt(to)
        await asyncio.sleep(0.3)

        assert (first.result, (await attempt(to)).result) == (Result.FAILED, Result.DELIVERED)
        assert sum(recovering.accepted[kind].values()) == 1
        await to.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_every_answer_is_an_outcome_and_leaves_nothing_behind(kind: str, odd: answers.Receivers) -> None:
    to = sender(odd.url(kind))
    ids = [f"{kind} {number}" for number in range(3)]

    outcomes = await asyncio.gather(*(attempt(to, id=each) for each in ids))
    again = [await attempt(to, id=each) for each in ids]
    await to.close()

    assert {outcome.result for outcome in outcomes} == {RESULTS[KINDS[kind].becomes]}
    assert all(outcome.detail and len(outcome.detail) <= 500 for outcome in outcomes)
    assert {outcome.result for outcome in again} == {Result.DELIVERED}
    assert "cookie" not in odd.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/",
        f"http://{'a' * 64}.example/",
        "http://i❤.ws.invalid/",
        "https://127.0.0.1:{port}/good",
        "http://127.0.0.1:1/",
        "http://[::1]:1/",
        "http://0.0.0.0:1/",
    ],
)
async def test_an_address_that_leads_nowhere_is_a_failure(url: str, odd: answers.Receivers) -> None:
    outcome = await attempt(sender(url.format(port=odd.port)))

    assert (outcome.result, outcome.status) == (Result.FAILED, None)
    assert outcome.detail


async def test_a_receiver_that_sends_without_end_slows_nobody(odd: answers.Receivers) -> None:
    floods = [
        sender(odd.url(kind))
        for kind in ("answers to come without end", "headers without end", "nothing but line ends")
    ]
    good = sender(odd.url("good"))

    async def flood(to: Sender) -> None:
        for number in range(5):
            await attempt(to, id=f"slow {number}")

    tasks = [asyncio.create_task(flood(to)) for to in floods]
    slowest = 0.0
    while not all(task.done() for task in tasks):
        outcome = await attempt(good)
        assert outcome.result is Result.DELIVERED
        slowest = max(slowest, outcome.seconds)
    await asyncio.gather(*tasks)

    assert slowest < 1


async def test_a_connection_is_used_again(odd: answers.Receivers) -> None:
    good, before = sender(odd.url("good")), odd.connections

    for number in range(5):
        assert (await attempt(good, id=f"again {number}")).result is Result.DELIVERED

    assert odd.connections == before + 1
    await good.close()


async def test_what_is_sent_is_what_standard_webhooks_asks_for(everybody: receivers.Receivers) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    to = sender(everybody.urls["good"])

    assert (await attempt(to, id="whole", traceparent=trace)).result is Result.DELIVERED

    request = everybody.requests["good"][-1]
    assert request.webhook_id == job(to.endpoint, id="whole").webhook_id
    assert Webhook(SECRET).verify(request.body, request.headers)["type"] == "inventory.low"
    assert (
        request.headers.items()
        >= {
            "traceparent": trace,
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "footfall-webhooks/1",
            "content-length": str(len(request.body)),
        }.items()
    )
    assert request.headers["host"] == everybody.urls["good"].split("/")[2]


@pytest.mark.parametrize("trace", ["", "1", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", "00\r\nx: y"])
async def test_what_is_no_trace_is_not_sent(trace: str, everybody: receivers.Receivers) -> None:
    to = sender(everybody.urls["good"])

    assert (await attempt(to, traceparent=trace)).result is Result.DELIVERED
    assert "traceparent" not in everybody.requests["good"][-1].headers


async def test_a_login_of_the_url_and_headers_of_the_endpoint_are_sent(everybody: receivers.Receivers) -> None:
    url = everybody.urls["good"].replace("//", "//ada:h%40sh@")

    for fields in ({"url": url}, {"url": url, "headers": {"Authorization": "Bearer x", "X-Shop": "1"}}):
        assert (await attempt(sender(**fields))).result is Result.DELIVERED

    first, second = everybody.requests["good"][-2:]
    assert first.headers["authorization"] == "Basic " + base64.b64encode(b"ada:h@sh").decode()
    assert (second.headers["authorization"], second.headers["x-shop"]) == ("Bearer x", "1")


async def test_the_environments_proxy_is_ignored(monkeypatch: pytest.MonkeyPatch, odd: answers.Receivers) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")

    assert (await attempt(sender(odd.url("good")))).result is Result.DELIVERED


async def test_the_beginning_of_an_answer_is_kept_as_text(everybody: receivers.Receivers) -> None:
    assert (await attempt(sender(everybody.urls["500"]))).answer == "broken"
    huge = await attempt(sender(everybody.urls["1 GB body"]))
    assert huge.answer == "\N{REPLACEMENT CHARACTER}" * 2048
    assert huge.seconds < 1


async def test_a_reason_tells_no_url_and_is_short() -> None:
    async def broken(*_: object) -> list[str]:
        raise RuntimeError("cannot reach https://shop.example/hook?token=hush \udcff" + "x" * 1000)

    outcome = await attempt(sender("https://shop.example/hook?token=hush", guard=Guard(find=broken)))

    assert outcome.result is Result.FAILED
    assert "hush" not in outcome.detail
    assert "\\udcff" in outcome.detail
    assert len(outcome.detail) == 500


async def test_a_name_server_that_hangs_costs_the_timeout() -> None:
    async def silent(*_: object) -> list[str]:
        await asyncio.sleep(60)
        return []

    outcome = await attempt(sender("http://shop.example/", timeout=0.2, guard=Guard(LOOPBACK, find=silent)))

    assert (outcome.result, outcome.detail) == (Result.FAILED, "no answer within 0.2 s")


@pytest.mark.parametrize(
    ("name", "detail"), [("shop.example", "HTTP 204"), ("other.example", "TLS failed: .*Hostname mismatch")]
)
async def test_tls_asks_for_the_hosts_name_wherever_it_is(
    name: str, detail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(tmp_path / "own.pem"))
    connections.trust.cache_clear()

    async def find(*_: object) -> list[str]:
        return ["127.0.0.1"]

    kinds = {"TLS": receivers.KINDS["TLS of nobody"]}
    with receivers.Receivers(
        secret=SECRET, kinds=kinds, certificate=receivers.self_signed(name, tmp_path / "own.pem")
    ) as there:
        to = sender(there.urls["TLS"].replace("127.0.0.1", "shop.example"), guard=Guard(LOOPBACK, find=find))
        outcomes = [await attempt(to, id=str(number)) for number in range(2)]
    connections.trust.cache_clear()

    assert all(re.match(detail, outcome.detail) for outcome in outcomes)
    assert len(there.requests["TLS"]) == 2 * (name == "shop.example")
    assert there.connections["TLS"] <= 1


async def test_being_cancelled_is_no_outcome(everybody: receivers.Receivers) -> None:
    task = asyncio.create_task(attempt(sender(everybody.urls["hang"])))
    await asyncio.sleep(0.1)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_an_event_of_the_examples_is_a_whole_one() -> None:
    assert event().type in job().body


async def test_the_reference_library_of_node_verifies_what_is_sent(everybody: receivers.Receivers) -> None:
    other = "whsec_" + base64.b64encode(b"b" * 32).decode()
    first = len(everybody.requests["good"])
    secrets: list[dict[str, Any]] = [{}, {"secret": other, "previous_secret": SECRET}, {"secret": other}]
    for fields in secrets:
        assert (await attempt(sender(everybody.urls["good"], **fields))).result is Result.DELIVERED
    came = everybody.requests["good"][first:]
    # A forged one may not be taken for ours by the tests that follow.
    forged = everybody.requests["good"].pop()
    earlier = [replace(each, at=each.at + 301) for each in came[:1]]

    try:
        found = node.faults([*came, *earlier], SECRET)
    except LookupError as missing:
        pytest.skip(str(missing))

    assert forged is came[2]
    assert found[:2] == ["", ""]
    assert "No matching signature" in found[2]
    assert "too old" in found[3]
