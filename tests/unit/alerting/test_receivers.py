"""Whatever a receiver answers is an outcome, and the next webhook goes out as if nothing had been."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from footfall_alerting.delivery import WebhookSender
from footfall_alerting.old_policy import DeliveryResult

from .examples import endpoint, webhook
from support.answers import DELIVERED, KINDS, REFUSED, RETRY, Receivers

CONCURRENCY = 2
RESULTS = {
    RETRY: {DeliveryResult.FAILED},
    DELIVERED: {DeliveryResult.DELIVERED},
    REFUSED: {DeliveryResult.REFUSED, DeliveryResult.GONE},
}


@pytest.fixture(scope="module")
def receivers() -> Iterator[Receivers]:
    with Receivers() as receivers:
        yield receivers


def sender(url: str) -> WebhookSender:
    return WebhookSender(
        endpoint(url=url),
        concurrency=CONCURRENCY,
        timeout=timedelta(seconds=1.5),
        queue_timeout=timedelta(seconds=10),
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_every_answer_is_an_outcome_and_leaves_nothing_behind(kind: str, receivers: Receivers) -> None:
    to = sender(receivers.url(kind))
    webhooks = [webhook(to.endpoint, alert_id=f"{kind} {number}") for number in range(CONCURRENCY + 1)]

    async with asyncio.timeout(15):
        outcomes = await asyncio.gather(*(to.attempt(each) for each in webhooks))
        to.disabled = False
        again = [await to.attempt(each) for each in webhooks]
        await to.close()

    assert {outcome.result for outcome in outcomes} <= RESULTS[KINDS[kind].becomes]
    assert all(outcome.detail and len(outcome.detail) < 600 for outcome in outcomes)
    assert {outcome.result for outcome in again} == {DeliveryResult.DELIVERED}
    assert "cookie" not in receivers.headers


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
async def test_an_address_that_leads_nowhere_is_a_failure(url: str, receivers: Receivers) -> None:
    to = sender(url.format(port=receivers.port))

    async with asyncio.timeout(15):
        outcome = await to.attempt(webhook(to.endpoint))

    assert outcome.result is DeliveryResult.FAILED
    assert outcome.detail


async def test_a_receiver_that_sends_without_end_slows_nobody(receivers: Receivers) -> None:
    floods = [
        sender(receivers.url(kind))
        for kind in ("answers to come without end", "headers without end", "nothing but line ends")
    ]
    good = sender(receivers.url("good"))

    async def flood(to: WebhookSender) -> None:
        for number in range(5):
            await to.attempt(webhook(to.endpoint, alert_id=f"slow {number}"))

    tasks = [asyncio.create_task(flood(to)) for to in floods]
    slowest = 0.0
    while not all(task.done() for task in tasks):
        begun = asyncio.get_running_loop().time()
        assert (await good.attempt(webhook(good.endpoint))).result is DeliveryResult.DELIVERED
        slowest = max(slowest, asyncio.get_running_loop().time() - begun)
    await asyncio.gather(*tasks)

    assert slowest < 1


async def test_a_connection_is_used_again(receivers: Receivers) -> None:
    good, before = sender(receivers.url("good")), receivers.connections

    for number in range(5):
        assert (
            await good.attempt(webhook(good.endpoint, alert_id=f"again {number}"))
        ).result is DeliveryResult.DELIVERED

    assert receivers.connections == before + 1
    await good.close()
