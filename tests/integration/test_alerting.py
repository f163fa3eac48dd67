"""The alerting service as a process, against a real Kafka and receivers that misbehave."""

import asyncio
import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from footfall_alerting.signing import DEVELOPMENT_SECRET
from footfall_schemas.topics import topic
from standardwebhooks import Webhook

from .workbench import Broker, Service, free_port, until

pytestmark = pytest.mark.stack

ALERTS = topic("inventory-alerts")


@dataclass
class Receiver:
    """An endpoint that verifies with the reference library and answers as told."""

    answer: Callable[[int], int]
    """Status of the next answer, given how often this alert was heard before; 0 hangs up."""
    delay: float = 0.0
    port: int = field(default_factory=free_port)
    attempts: list[tuple[str, str, int]] = field(default_factory=list)
    """Alert id, webhook id, status."""
    forged: int = 0
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def delivered(self) -> set[str]:
        return {alert for alert, _, status in list(self.attempts) if status == 204}

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(length := int(self.headers["content-length"]))
                if len(body) < length:
                    return  # the sender was killed
                headers = {name.lower(): value for name, value in self.headers.items()}
                try:
                    document = Webhook(DEVELOPMENT_SECRET).verify(body, headers)
                except Exception:
                    receiver.forged += 1
                    return
                time.sleep(receiver.delay)
                alert = document["data"]["alert_id"]
                status = receiver.answer(sum(alert == heard for heard, *_ in list(receiver.attempts)))
                receiver.attempts.append((alert, headers["webhook-id"], status))
                if status == 0:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def handle(self) -> None:
                with suppress(ConnectionError):
                    super().handle()

            def log_message(self, *_: Any) -> None:
                pass

        ThreadingHTTPServer.request_queue_size = 128
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server:
            self.server.shutdown()
            self.server.server_close()


@dataclass
class Bench:
    """A broker's corner, services and receivers that end with the test."""

    broker: Broker
    log: Path
    env: dict[str, str]
    services: list[Service] = field(default_factory=list)
    receivers: list[Receiver] = field(default_factory=list)

    def receiver(self, answer: Callable[[int], int] = lambda _: 204, delay: float = 0.0) -> Receiver:
        self.receivers.append(receiver := Receiver(answer, delay))
        return receiver

    def service(self, *to: Receiver, **settings: str) -> Service:
        port = free_port()
        endpoints = [{"url": receiver.url, "secret": DEVELOPMENT_SECRET} for receiver in to]
        env = self.env | {
            "ALERTING_PORT": str(port),
            "ALERTING_TOPIC_PREFIX": self.broker.prefix,
            "ALERTING_ENDPOINTS": json.dumps(endpoints),
            "ALERTING_RETRY_DELAYS": "200ms,400ms,800ms,1600ms,3s",
        }
        self.services.append(service := Service("footfall_alerting", port, env | settings, self.log))
        service.start()
        return service

    def alert(self, *names: str) -> None:
        self.broker.produce_records(ALERTS, [an_alert(name) for name in names])

    def topic(self, name: str) -> str:
        return self.broker.prefix + name


@pytest.fixture
def bench(backbone: Any, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(Broker(backbone.kafka, backbone.registry), tmp_path / "alerting.log", backbone.env)
    yield bench
    for service in bench.services:
        service.stop()
    for receiver in bench.receivers:
        receiver.stop()
    bench.broker.clean()


def an_alert(name: str) -> dict[str, Any]:
    return {
        "alert_id": name,
        "alert_type": "inventory.low",
        "event_time": datetime.now(UTC),
        "product_id": f"p-{name}",
        "product_name": "Müsli",
        "category_id": "c",
        "warehouse_id": "w",
        "quantity": 1,
        "previous_quantity": 7,
        "threshold": 5,
        "update_id": f"u-{name}",
    }


def dead_letters(bench: Bench) -> list[dict[str, bytes]]:
    return [dict(letter.headers() or []) for letter in bench.broker.read(bench.topic("alerting-dead-letters"))]


def test_kills_lose_nothing_and_every_alert_keeps_one_id(bench: Bench) -> None:
    luck = random.Random(7)

    def moody(heard: int) -> int:
        # Whatever luck says, an alert must not use up its five retries.
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
    until("it was parked", lambda: "footfall_webhook_parked_total 2.0" in service.get("/metrics").text)

    receiver.start()

    until("it arrives", lambda: receiver.delivered == {"early"})
    assert dead_letters(bench) == []


def test_without_a_listener_it_ends_as_a_dead_letter(bench: Bench) -> None:
    service = bench.service(bench.receiver(), ALERTING_RETRY_DELAYS="50ms,100ms")
    service.ready()

    bench.alert("unheard")

    (letter,) = until("a dead letter", lambda: dead_letters(bench))
    assert letter["stage"] == b"deliver"
    assert letter["error"].startswith(b"ConnectError")
    assert letter["source-topic"].decode() == bench.topic("alerting-retry-100ms")
    assert 'footfall_webhook_attempts_total{outcome="failed"} 3.0' in service.get("/metrics").text
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

    assert time.monotonic() - begun < 5
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
    assert 'footfall_webhook_endpoint_disabled{endpoint="127.0.0.1' in service.get("/metrics").text
    assert b'"endpoint disabled"' in bench.log.read_bytes()


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
