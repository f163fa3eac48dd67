"""The alerting service as a process, against a real Kafka and receivers that misbehave."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from .alerting_bench import ALERTS, Bench, an_alert, dead_letters, opened
from .workbench import Service, until

pytestmark = pytest.mark.stack


@pytest.fixture
def bench(backbone: Any, tmp_path: Path) -> Iterator[Bench]:
    with opened(backbone, tmp_path) as bench:
        yield bench


def test_kills_lose_nothing_and_every_alert_keeps_one_id(bench: Bench) -> None:
    luck = random.Random(7)

    def moody(heard: int) -> int:
        return luck.choices([204, 503, 429, 0], [70, 20, 5, 5])[0] if heard < 4 else 204

    receiver = bench.receiver(moody, delay=0.02)
    receiver.start()
    first, _ = bench.service(receiver), bench.service(receiver)
    for service in bench.services:
        service.ready()
    names = [f"a{number}" for number in range(400)]
    poison = [b"", b"no magic", b"\x00\x00\x00\xff\xff\x01", b"\x00\x00\x00\x00\x01\xff"]

    bench.alert(*names[:300])
    bench.broker.produce(bench.topic(ALERTS.name), *poison)
    until("some are delivered", lambda: len(receiver.delivered) > 60)
    first.end(signal.SIGKILL)
    assert len(receiver.delivered) < 290, "the kill came too late to prove anything"
    first.start()
    bench.alert(*names[300:])
    until("some more are delivered", lambda: len(receiver.delivered) > 340)
    assert bench.services[1].end(signal.SIGTERM) == 0
    bench.services[1].start()

    until("all are delivered", lambda: receiver.delivered == set(names))
    ids = {(alert, webhook_id) for alert, webhook_id, _ in receiver.attempts}
    assert len(ids) == len(names)
    assert receiver.forged == 0
    letters = {letter["source-offset"]: letter["stage"] for letter in dead_letters(bench)}
    assert set(letters.values()) == {b"decode"}
    assert len({(letter["source-partition"], letter["source-offset"]) for letter in dead_letters(bench)}) == len(poison)


def test_a_listener_that_starts_late_gets_everything(bench: Bench) -> None:
    receiver = bench.receiver()
    service = bench.service(receiver)
    service.ready()
    bench.alert("early")
    until("it is retried", lambda: 'footfall_webhook_retries_total{endpoint="r0"} 2.0' in service.get("/metrics").text)

    receiver.start()

    until("it arrives", lambda: receiver.delivered == {"early"})
    assert dead_letters(bench) == []


def test_without_a_listener_it_ends_as_a_dead_letter(bench: Bench) -> None:
    service = bench.service(
        bench.receiver(), ALERTING_RETRY_DELAYS="50ms,100ms", ALERTING_RETRY_EVERY="1h", ALERTING_RETRY_FOR="500ms"
    )
    service.ready()

    bench.alert("unheard")

    (letter,) = until("a dead letter", lambda: dead_letters(bench))
    assert letter["stage"] == b"deliver"
    assert letter["error"].startswith(b"exhausted: cannot connect")
    assert letter["source-topic"].decode() == bench.topic("alerting-jobs")
    # At once, twice more, and at the end.
    assert 'footfall_webhook_attempts_total{endpoint="r0",outcome="failed"} 4.0' in service.get("/metrics").text
    assert service.end() == 0


def test_a_hanging_endpoint_delays_no_other(bench: Bench) -> None:
    hanging, good = bench.receiver(delay=60), bench.receiver()
    hanging.start()
    good.start()
    service = bench.service(hanging, good, ALERTING_CONCURRENCY="4")
    service.ready()
    names = [f"a{number}" for number in range(200)]

    begun = time.monotonic()
    bench.alert(*names)
    until("all are delivered", lambda: good.delivered == set(names))

    # An attempt at the other ends after 15 s.
    assert time.monotonic() - begun < 12
    stopping = time.monotonic()
    assert service.end() == 0
    assert time.monotonic() - stopping < 5


def test_410_disables_an_endpoint_and_says_so(bench: Bench) -> None:
    gone = bench.receiver(lambda _: 410)
    gone.start()
    service = bench.service(gone)
    service.ready()

    bench.alert("first")
    until("a dead letter", lambda: dead_letters(bench))
    bench.alert("second", "third")
    until("all are dead letters", lambda: len(dead_letters(bench)) == 3)

    assert [alert for alert, *_ in gone.attempts] == ["first"]
    assert 'footfall_webhook_endpoint_disabled{endpoint="r0"} 1.0' in service.get("/metrics").text
    assert b'"endpoint.disabled"' in bench.log.read_bytes()


async def test_a_registry_that_is_away_delays_alerts_and_loses_none(bench: Bench) -> None:
    away = asyncio.Event()
    asked: Counter[bool] = Counter()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split("\r\n")[0].split()
        length = next((int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        asked[away.is_set()] += "/schemas/ids/" in path
        if away.is_set():
            writer.write(b"HTTP/1.1 503 Away\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        else:
            url = httpx.URL(bench.broker.registry).copy_with(path=path)
            async with httpx.AsyncClient() as http:
                answer = await http.request(method, url, content=body, headers={"content-type": "application/json"})
            head = f"HTTP/1.1 {answer.status_code} X\r\ncontent-length: {len(answer.content)}\r\nconnection: close\r\n"
            writer.write(f"{head}content-type: application/json\r\n\r\n".encode() + answer.content)
        await writer.drain()
        writer.close()

    registry = await asyncio.start_server(forward, "127.0.0.1", 0)
    port = registry.sockets[0].getsockname()[1]
    path = httpx.URL(bench.broker.registry).path
    receiver = bench.receiver()
    receiver.start()
    async with registry:
        service = bench.service(receiver, SCHEMA_REGISTRY_URL=f"http://127.0.0.1:{port}{path}")
        await asyncio.to_thread(service.ready)
        away.set()
        await asyncio.to_thread(bench.alert, "patient")
        await asyncio.to_thread(until, "it was looked up in vain", lambda: asked[True] >= 2)
        assert receiver.attempts == []
        away.clear()
        await asyncio.to_thread(until, "it is delivered", lambda: receiver.delivered == {"patient"})
        assert service.end() == 0
    assert dead_letters(bench) == []


def test_a_rebalance_neither_repeats_nor_forgets_a_waiting_job(bench: Bench) -> None:
    receiver = bench.receiver(lambda heard: 503 if heard == 0 else 204)
    receiver.start()
    settings = {"ALERTING_RETRY_DELAYS": "25s", "ALERTING_RETRY_FOR": "10m"}
    first = bench.service(receiver, **settings)
    first.ready()
    names = [f"a{number}" for number in range(50)]
    bench.alert(*names)
    until("each was attempted", lambda: len(receiver.attempts) == len(names))

    second = bench.service(receiver, **settings)
    second.ready()
    assert second.end(signal.SIGTERM) == 0
    second.start()
    second.ready()
    first.end(signal.SIGKILL)
    first.start()

    until("all are delivered", lambda: receiver.delivered == set(names))
    first.ready()
    time.sleep(2)
    assert Counter(alert for alert, *_ in receiver.attempts) == dict.fromkeys(names, 2)


def test_an_endpoint_that_is_gone_is_so_for_every_worker_and_after_a_restart(bench: Bench) -> None:
    gone = bench.receiver(lambda _: 410)
    gone.start()
    for service in (bench.service(gone), bench.service(gone)):
        service.ready()
    bench.alert("first")
    until("a dead letter", lambda: dead_letters(bench))

    def knows(service: Service) -> bool:
        return 'footfall_webhook_endpoint_disabled{endpoint="r0"} 1.0' in service.get("/metrics").text

    for service in bench.services:
        until("every worker knows", partial(knows, service))
    assert bench.services[0].end(signal.SIGTERM) == 0
    bench.services[0].start()
    bench.services[0].ready()
    names = [f"a{number}" for number in range(20)]

    bench.alert(*names)

    until("all are dead letters", lambda: len(dead_letters(bench)) == len(names) + 1)
    assert [alert for alert, *_ in gone.attempts] == ["first"]
    assert {letter["error"].split(b":")[0] for letter in dead_letters(bench)} == {b"gone", b"disabled"}


def test_what_was_delivered_can_be_sent_again_under_its_id(bench: Bench) -> None:
    receiver = bench.receiver()
    receiver.start()
    service = bench.service(receiver)
    service.ready()
    bench.alert("wanted")
    until("it is delivered", lambda: receiver.delivered)
    ((_, webhook_id, _),) = receiver.attempts

    def known() -> bool:
        return service.get(f"/v1/messages/{webhook_id}").status_code == 200

    until("it is kept", known)
    answer = service.http.post(f"http://127.0.0.1:{service.port}/v1/messages/{webhook_id}/resend")
    assert answer.status_code == 202, answer.text

    until("it comes again", lambda: len(receiver.attempts) == 2)
    assert {each for _, each, _ in receiver.attempts} == {webhook_id}

    def attempts() -> int:
        return len(service.get(f"/v1/messages/{webhook_id}").json()["attempts"])

    until("that is kept, too", lambda: attempts() == 2)
    # Whether or not the resend is read again after this, it is not done again.
    service.end(signal.SIGKILL)
    service.start()
    bench.alert("another")
    until("another is delivered", lambda: "another" in receiver.delivered)
    assert len(receiver.attempts) == 3


def test_where_order_matters_a_failure_holds_back_what_follows_of_its_product(bench: Bench) -> None:
    receiver = bench.receiver(lambda heard: 503 if heard < 2 else 204, ordered=True)
    receiver.start()
    service = bench.service(receiver)
    service.ready()
    rows = [an_alert(f"a{number}") | {"product_id": "p", "sequence": number} for number in range(1, 7)]

    bench.broker.produce_records(ALERTS, rows)

    until("all are delivered", lambda: len(receiver.delivered) == len(rows))
    assert [alert for alert, *_ in receiver.attempts] == [row["alert_id"] for row in rows for _ in range(3)]


def test_a_rate_is_kept(bench: Bench) -> None:
    receiver = bench.receiver(rate=20)
    receiver.start()
    service = bench.service(receiver)
    service.ready()
    names = [f"a{number}" for number in range(60)]

    begun = time.monotonic()
    bench.alert(*names)
    until("all are delivered", lambda: receiver.delivered == set(names))

    assert time.monotonic() - begun > 2.5
    assert len(receiver.attempts) == len(names)


def test_requests_under_way_may_finish_when_the_service_ends(bench: Bench) -> None:
    receiver = bench.receiver(delay=1.0)
    receiver.start()
    service = bench.service(receiver)
    service.ready()
    bench.alert("slow")
    until("the request is under way", lambda: receiver.heard)

    assert service.end(signal.SIGTERM) == 0

    assert receiver.delivered == {"slow"}
    service.start()
    service.ready()
    time.sleep(2)
    assert len(receiver.attempts) == 1


def test_topics_of_unequal_partitions_are_refused_with_the_cure(bench: Bench) -> None:
    bench.broker.create("alerting-jobs", partitions=2)
    service = bench.service(bench.receiver())
    assert service.process is not None

    assert service.process.wait(60) == 1

    assert b"alerting-jobs has 2: give each 4" in bench.log.read_bytes()


def test_a_topic_of_jobs_that_deletes_them_is_refused_with_the_cure(bench: Bench) -> None:
    bench.broker.create("alerting-jobs", partitions=4)
    service = bench.service(bench.receiver())
    assert service.process is not None

    assert service.process.wait(60) == 1

    told = bench.log.read_text()
    assert "alerting-jobs has cleanup.policy=delete" in told
    assert "--add-config cleanup.policy=compact" in told
