import asyncio
import base64
import ssl
from collections.abc import Callable, Coroutine
from datetime import timedelta

import httpx
import pytest
from footfall_alerting.delivery import WebhookSender
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.old_policy import DeliveryResult
from standardwebhooks import Webhook

from .examples import SECRET, endpoint, webhook
from support.answers import Receivers

Receiver = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def sender(receiver: Receiver, to: Endpoint | None = None, *, concurrency: int = 2) -> WebhookSender:
    return WebhookSender(
        to or endpoint(),
        concurrency=concurrency,
        timeout=timedelta(milliseconds=200),
        queue_timeout=timedelta(milliseconds=20),
        transport=httpx.MockTransport(receiver),
    )


async def test_a_genuine_webhook_arrives() -> None:
    seen: list[httpx.Request] = []

    async def receive(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    outcome = await sender(receive).attempt(webhook())

    assert outcome.result is DeliveryResult.DELIVERED
    (request,) = seen
    assert request.method == "POST"
    assert request.headers["webhook-id"] == webhook().webhook_id
    assert Webhook(SECRET).verify(request.content, dict(request.headers))["type"] == "inventory.low"


async def test_a_login_of_the_url_is_sent_and_no_encoding_is_asked_for() -> None:
    seen: list[httpx.Request] = []

    async def receive(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    await sender(receive, endpoint(url="https://ada:h%40sh@shop.example/hook")).attempt(webhook())

    (request,) = seen
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"ada:h@sh").decode()
    assert request.headers["host"] == "shop.example"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ReadError("reset"), ssl.SSLError("bad"), OSError("no route")]
)
async def test_a_broken_connection_is_a_failure(error: Exception) -> None:
    async def receive(_: httpx.Request) -> httpx.Response:
        raise error

    outcome = await sender(receive).attempt(webhook())

    assert outcome.result is DeliveryResult.FAILED
    assert type(error).__name__ in outcome.detail


async def test_a_redirect_is_not_followed() -> None:
    seen = []

    async def receive(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"location": "http://169.254.169.254/"})

    assert (await sender(receive).attempt(webhook())).result is DeliveryResult.FAILED
    assert seen == ["shop.example"]


async def test_a_hanging_endpoint_is_left_after_the_timeout() -> None:
    async def receive(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    outcome = await sender(receive).attempt(webhook())

    assert (outcome.result, outcome.detail) == (DeliveryResult.FAILED, "no answer within 0.2 s")


async def test_an_answer_that_drips_counts_by_its_status() -> None:
    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            while True:
                yield b"."
                await asyncio.sleep(0.05)

    async def receive(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Drip())

    async with asyncio.timeout(2):
        assert (await sender(receive).attempt(webhook())).result is DeliveryResult.DELIVERED


async def test_an_endless_answer_is_not_read() -> None:
    sent = 0

    class Flood(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            nonlocal sent
            while True:
                sent += 1
                yield b"x" * 1024

    async def receive(_: httpx.Request) -> httpx.Response:
        return httpx.Response(500, stream=Flood())

    assert (await sender(receive).attempt(webhook())).detail == "HTTP 500"
    assert sent < 5


async def test_410_disables_the_endpoint() -> None:
    calls = 0

    async def receive(_: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(410)

    gone = sender(receive)

    results = [(await gone.attempt(webhook())).result for _ in range(3)]

    assert results == [DeliveryResult.GONE] * 3
    assert calls == 1
    assert gone.disabled


async def test_a_full_endpoint_is_busy_and_does_not_wait_for_ever() -> None:
    async def receive(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.1)
        return httpx.Response(200)

    busy = sender(receive, concurrency=1)

    outcomes = await asyncio.gather(busy.attempt(webhook()), busy.attempt(webhook()))

    assert [outcome.result for outcome in outcomes] == [DeliveryResult.DELIVERED, DeliveryResult.BUSY]
    assert (await busy.attempt(webhook())).result is DeliveryResult.DELIVERED


async def test_retry_after_is_passed_on() -> None:
    async def receive(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"retry-after": "42"})

    assert (await sender(receive).attempt(webhook())).retry_after == 42


async def test_the_environments_proxy_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    with Receivers() as receivers:
        direct = WebhookSender(
            endpoint(url=receivers.url("good")), concurrency=1, timeout=timedelta(seconds=5), queue_timeout=timedelta(0)
        )

        assert (await direct.attempt(webhook(direct.endpoint))).result is DeliveryResult.DELIVERED


async def test_a_reason_tells_no_url_and_is_short() -> None:
    async def receive(request: httpx.Request) -> httpx.Response:
        raise RuntimeError(f"cannot reach {request.url} \udcff" + "x" * 1000)

    outcome = await sender(receive, endpoint(url="https://shop.example/hook?token=hush")).attempt(webhook())

    assert outcome.result is DeliveryResult.FAILED
    assert "hush" not in outcome.detail
    assert "\\udcff" in outcome.detail
    assert len(outcome.detail) == 500
