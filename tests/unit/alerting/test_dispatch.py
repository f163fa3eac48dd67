import asyncio
import json
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

import httpx
import pytest
from footfall_alerting.delivery import WebhookSender
from footfall_alerting.dispatch import Dispatcher
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.webhook import decode_webhook
from footfall_chassis.consumer import DeadLetters, Record
from footfall_schemas.codec import PoisonMessageError

from .examples import alert, endpoint, webhook

NOW = 1_772_366_400.0
RECORD = Record("inventory-alerts", 1, 5, b"p1", b"bytes")
Receiver = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


@dataclass
class Bench:
    """A dispatcher with fake receivers and a topic that remembers."""

    receiver: Receiver
    endpoints: list[Endpoint] = field(default_factory=lambda: [endpoint()])
    poison: bool = False
    timeout: timedelta = timedelta(milliseconds=300)
    sent: list[tuple[str, bytes | None, bytes | None, dict[str, bytes]]] = field(default_factory=list)

    async def decode(self, _: Record) -> dict[str, Any]:
        if self.poison:
            raise PoisonMessageError("magic byte is 98, not 0")
        return alert()

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        self.sent.append((topic, key, value, headers))

    def dispatcher(self) -> Dispatcher:
        senders = [
            WebhookSender(
                each,
                concurrency=2,
                timeout=self.timeout,
                queue_timeout=timedelta(milliseconds=30),
                transport=httpx.MockTransport(self.receiver),
            )
            for each in self.endpoints
        ]
        return Dispatcher(
            senders={sender.endpoint.id: sender for sender in senders},
            delays=(timedelta(seconds=5), timedelta(minutes=2)),
            decode=self.decode,
            send=self.send,
            dead_letters=DeadLetters(self.send, "x-alerting-dead-letters"),
            topic_prefix="x-",
            clock=lambda: NOW,
            jitter=lambda: 0.5,
        )


def answering(status: int) -> Receiver:
    async def receive(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status)

    return receive


async def test_a_delivered_alert_leaves_nothing_behind() -> None:
    bench = Bench(answering(200))

    await bench.dispatcher().settle_alert(RECORD)

    assert bench.sent == []


async def test_a_failed_delivery_waits_in_the_first_retry_topic() -> None:
    bench = Bench(answering(503))

    await bench.dispatcher().settle_alert(RECORD)

    ((topic, key, value, _),) = bench.sent
    assert (topic, key) == ("x-alerting-retry-5s", b"p1")
    retried = decode_webhook(value)
    assert retried == webhook().failed("HTTP 503", NOW + 5)


async def test_a_retry_that_fails_climbs_and_the_last_one_is_buried() -> None:
    bench = Bench(answering(500))
    dispatcher = bench.dispatcher()

    await dispatcher.settle_retry(
        Record("x-alerting-retry-5s", 0, 1, b"p1", webhook().failed("HTTP 503", NOW).encode())
    )
    last = webhook().failed("HTTP 503", 0).failed("HTTP 503", NOW)
    await dispatcher.settle_retry(Record("x-alerting-retry-2m", 0, 9, b"p1", last.encode()))

    climbed, dead = bench.sent
    assert climbed[0] == "x-alerting-retry-2m"
    assert dead[0] == "x-alerting-dead-letters"
    assert dead[3]["stage"] == b"deliver"
    assert dead[3]["error"] == b"HTTP 500"
    assert dead[3]["source-topic"] == b"x-alerting-retry-2m"
    letter = decode_webhook(dead[2])
    assert (letter.webhook_id, letter.attempts) == (webhook().webhook_id, 3)


async def test_an_alert_that_found_no_free_attempt_keeps_all_its_retries() -> None:
    async def receive(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.2)
        return httpx.Response(204)

    bench = Bench(receive)
    dispatcher = bench.dispatcher()
    await asyncio.gather(*(dispatcher.settle_alert(RECORD) for _ in range(10)))

    assert len(bench.sent) == 8
    assert {topic for topic, *_ in bench.sent} == {"x-alerting-retry-5s"}
    retried = decode_webhook(bench.sent[0][2])
    assert (retried.attempts, retried.not_before) == (0, NOW + 5)
    assert "no free attempt" in retried.error


@pytest.mark.parametrize("due", [NOW + 1e9, 1e12])
async def test_a_retry_waits_no_longer_than_the_longest_delay(due: float, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("footfall_alerting.dispatch.asyncio.sleep", sleep)
    bench = Bench(answering(200))

    await bench.dispatcher().settle_retry(Record("r", 0, 1, b"p1", webhook().failed("", due).encode()))

    assert slept[0] == pytest.approx(132)


@pytest.mark.parametrize(
    "change",
    [
        {"attempts": -1},
        {"attempts": 1.5},
        {"attempts": True},
        {"attempts": 10**400},
        {"not_before": math.nan},
        {"not_before": math.inf},
        {"event_time": 10**400},
        {"event_time": "now"},
        {"body": None},
        {"more": 1},
    ],
)
async def test_a_job_with_impossible_numbers_is_buried(change: dict[str, Any]) -> None:
    bench = Bench(answering(200))
    value = json.dumps(json.loads(webhook().encode()) | change).encode()

    await bench.dispatcher().settle_retry(Record("r", 0, 1, None, value))

    ((topic, _, dead, headers),) = bench.sent
    assert (topic, dead, headers["stage"]) == ("x-alerting-dead-letters", value, b"decode")


async def test_json_without_end_is_buried() -> None:
    bench = Bench(answering(200))

    await bench.dispatcher().settle_retry(Record("r", 0, 1, None, b"[" * 200_000))

    assert bench.sent[0][3]["stage"] == b"decode"


async def test_a_retry_waits_until_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("footfall_alerting.dispatch.asyncio.sleep", sleep)
    bench = Bench(answering(200))

    await bench.dispatcher().settle_retry(Record("r", 0, 1, b"p1", webhook().failed("", NOW + 17).encode()))

    assert slept[0] == pytest.approx(17)


async def test_a_refusal_is_buried_at_once() -> None:
    bench = Bench(answering(404))

    await bench.dispatcher().settle_alert(RECORD)

    ((topic, _, value, headers),) = bench.sent
    assert topic == "x-alerting-dead-letters"
    assert decode_webhook(value).body == webhook().body
    assert headers["source-offset"] == b"5"


async def test_poison_is_buried_with_its_own_bytes() -> None:
    bench = Bench(answering(200), poison=True)

    await bench.dispatcher().settle_alert(RECORD)

    ((topic, key, value, headers),) = bench.sent
    assert (topic, key, value) == ("x-alerting-dead-letters", b"p1", b"bytes")
    assert headers["stage"] == b"decode"


async def test_a_record_that_is_no_job_is_buried() -> None:
    bench = Bench(answering(200))

    await bench.dispatcher().settle_retry(Record("r", 0, 1, None, b"junk"))

    assert bench.sent[0][2] == b"junk"


async def test_a_job_for_an_endpoint_that_was_taken_out_is_buried() -> None:
    bench = Bench(answering(200))
    stranger = webhook(endpoint("gone.example"))

    await bench.dispatcher().settle_retry(Record("r", 0, 1, None, stranger.encode()))

    assert b"not configured any more" in bench.sent[0][3]["error"]


async def test_endpoints_do_not_wait_for_each_other() -> None:
    arrived: dict[str, int] = {"good.example": 0, "hanging.example": 0}

    async def receive(request: httpx.Request) -> httpx.Response:
        arrived[request.url.host] += 1
        if request.url.host == "hanging.example":
            await asyncio.sleep(60)
        return httpx.Response(200)

    bench = Bench(receive, [endpoint("hanging.example"), endpoint("good.example")], timeout=timedelta(seconds=3))
    dispatcher = bench.dispatcher()
    tasks = [asyncio.create_task(dispatcher.settle_alert(RECORD)) for _ in range(30)]

    # Those that found no free attempt move on instead of waiting for the timeout.
    for done in islice(asyncio.as_completed(tasks, timeout=2.5), 28):
        await done

    assert arrived == {"good.example": 30, "hanging.example": 2}
    assert len(bench.sent) == 28
    await asyncio.gather(*tasks)
    assert len(bench.sent) == 30


async def test_an_endpoint_that_is_gone_gets_nothing_any_more() -> None:
    calls = 0

    async def receive(_: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(410)

    bench = Bench(receive)
    dispatcher = bench.dispatcher()

    for _ in range(3):
        await dispatcher.settle_alert(RECORD)

    assert calls == 1
    assert [topic for topic, *_ in bench.sent] == ["x-alerting-dead-letters"] * 3
