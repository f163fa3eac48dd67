"""What alerting remembers, against a real Kafka: how endpoints stand, what became of webhooks, and sending them again."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from footfall_alerting.cli import webhook as commands
from footfall_alerting.events import Event
from footfall_alerting.history.history import History, HistoryTopics
from footfall_alerting.history.message_log import MessageLog, producer_of
from footfall_alerting.history.search import Query
from footfall_alerting.job import Job, Message, decode_job, webhook_id_of
from footfall_alerting.policy import Outcome, Result
from footfall_alerting.signing import DEVELOPMENT_SECRET
from footfall_alerting.standing.keeper import StandingKeeper
from footfall_alerting.standing.standings import Standings
from footfall_chassis.appending import Appender
from footfall_schemas.connection import Connection
from standardwebhooks import Webhook
from typer.testing import CliRunner

from .alerting_bench import ALERTS, an_alert
from .workbench import Broker, Service, free_port, until

pytestmark = pytest.mark.stack

GONE = Outcome(Result.GONE, 410, "HTTP 410")
DOWN = Outcome(Result.FAILED, 503, "HTTP 503", answer="busy")


@pytest.fixture
def broker(backbone: Any) -> Iterator[Broker]:
    broker = Broker(backbone.kafka, backbone.registry)
    yield broker
    broker.clean()


def client(broker: Broker) -> dict[str, str]:
    return Connection(kafka_bootstrap_servers=broker.kafka).librdkafka()


def job(event: str, endpoint: str = "shop") -> Job:
    return Job(webhook_id_of(endpoint, event), endpoint, event, "inventory.low", "p1", 1, time.time(), '{"a":"é"}')


async def eventually(what: str, check: Callable[[], Any]) -> None:
    await asyncio.to_thread(until, what, check, 20)


class Worker:
    """One worker's standings, kept in Kafka."""

    def __init__(self, broker: Broker, *, disable_after: timedelta = timedelta(days=5)) -> None:
        self._appender = Appender(client(broker))
        self.told: list[Event] = []
        self.standings = Standings({"shop": "https://shop.example/"}, disable_after=disable_after)
        self.keeper = StandingKeeper(
            self.standings,
            client(broker),
            topic=broker.prefix + "alerting-endpoints",
            group=broker.prefix + "alerting",
            send=self._send,
            tell=self._tell,
        )
        self.running = asyncio.create_task(self.keeper.run())

    async def stop(self) -> None:
        await self.keeper.flush()
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            await self.running
        await self._appender.close(5)

    async def _send(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        await self._appender.append(topic, 0, key, value, list(headers.items()))

    async def _tell(self, event: Event) -> None:
        self.told.append(event)


async def test_what_one_worker_finds_out_all_know_and_remember(broker: Broker) -> None:
    broker.create("alerting-endpoints")
    first, second = Worker(broker), Worker(broker)
    await asyncio.gather(first.keeper.ready(), second.keeper.ready())

    first.standings.observe("shop", GONE, job("a1"))
    await eventually("the other knows", lambda: second.standings.is_disabled("shop"))
    assert [event.type for event in first.told] == ["endpoint.disabled"]
    assert second.told == []

    late = Worker(broker)
    await late.keeper.ready()
    assert late.standings.is_disabled("shop")
    assert "HTTP 410" in late.keeper.status().detail

    await late.keeper.enable("shop")
    await eventually("all know", lambda: not any(each.standings.is_disabled("shop") for each in (first, second)))
    for worker in (first, second, late):
        await worker.stop()


async def test_failing_is_remembered_over_restarts_and_ends_in_being_disabled(broker: Broker) -> None:
    broker.create("alerting-endpoints")
    began = time.time()
    first = Worker(broker, disable_after=timedelta(seconds=4))
    await first.keeper.ready()
    first.standings.observe("shop", DOWN, job("a1"))
    await first.stop()

    second = Worker(broker, disable_after=timedelta(seconds=4))
    await second.keeper.ready()
    assert second.keeper.endpoints["shop"].state == "failing"
    while not second.standings.is_disabled("shop"):
        assert time.time() < began + 20
        second.standings.observe("shop", DOWN, job("a1"))
        await asyncio.sleep(0.05)
    await second.stop()

    assert [(event.type, event.data.get("percent")) for event in second.told] == [
        ("endpoint.failing", 50),
        ("endpoint.failing", 70),
        ("endpoint.failing", 90),
        ("endpoint.failing", 100),
        ("endpoint.disabled", None),
    ]
    assert second.told[0].data["last_answer"]["body"] == "busy"


async def test_messages_are_found_again_by_whoever_is_asked(broker: Broker) -> None:
    names = HistoryTopics(*(broker.create(f"alerting-{name}", 2) for name in ("messages", "dead-letters", "resends")))
    log = MessageLog(producer_of(client(broker)), names.messages)
    now = time.time()
    for number in range(300):
        each = job(f"a{number}", "shop" if number % 3 else "crm")
        log.put(Message(each, "waiting", now - 600 + number), number % 2)
        log.put(Message(each.tried(now, DOWN), "dead", now - 300 + number, "exhausted"), number % 2)
    log.put(Message(job("a299"), "delivered", now), 1)
    await asyncio.to_thread(log.flush, 10)
    history = History(client(broker), names)

    page = await history.newest(Query(endpoint="crm", status="dead"), 50)
    found = await history.find(webhook_id_of("shop", "a299"))
    # As many as are not looked at together.
    for number in range(3000):
        log.put(Message(job(f"b{number}"), "delivered", now), number % 2)
    await asyncio.to_thread(log.flush, 10)
    assert await history.find(webhook_id_of("shop", "a1")) is not None

    assert [each.event_id for each in page.messages] == [f"a{number}" for number in range(297, 149, -3)]
    assert found is not None
    assert (found.partition, found.message.status, found.message.job.body) == (1, "delivered", '{"a":"é"}')
    assert await history.find(webhook_id_of("shop", "never")) is None
    assert await history.partitions() == 2
    history.close()


async def test_what_is_sent_again_lies_in_its_jobs_partition(broker: Broker) -> None:
    names = HistoryTopics(*(broker.create(f"alerting-{name}", 3) for name in ("messages", "dead-letters", "resends")))
    now = time.time()
    log = MessageLog(producer_of(client(broker)), names.messages)
    for name in ("back", "lost"):
        log.put(Message(job(name), "dead", now, "exhausted"), 2)
    await asyncio.to_thread(log.flush, 10)
    appender = Appender(client(broker))
    for name, endpoint in (("back", "shop"), ("lost", "shop"), ("other", "crm")):
        headers = [("source-partition", b"2"), ("error", b"exhausted")]
        await appender.append(names.dead_letters, 0, b"p1", job(name, endpoint).encode(), headers)
    log.put(Message(job("back"), "delivered", time.time() + 1), 2)
    await asyncio.to_thread(log.flush, 10)
    history = History(client(broker), names)

    recovered = await history.recover("shop", now - 60)

    assert (recovered.jobs, recovered.until) == (1, None)
    (record,) = broker.read(names.resends)
    sent = decode_job(record.value())
    assert (record.partition(), sent.event_id, sent.trigger) == (2, "lost", "recover")
    assert (await history.recover("shop", time.time() + 60)).jobs == 0
    history.close()
    await appender.close(5)


@dataclass
class Receiver:
    """Answers as it is told; remembers what it accepted."""

    status: int = 204
    port: int = field(default_factory=free_port)
    got: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                document = Webhook(DEVELOPMENT_SECRET).verify(body, headers)
                if receiver.status < 300:
                    receiver.ids.append(headers["webhook-id"])
                    receiver.got.append(document)
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def types(self) -> list[str]:
        return [document["type"] for document in self.got]


@pytest.fixture
def workers(backbone: Any, broker: Broker, tmp_path: Path) -> Iterator[tuple[Receiver, Receiver, Service, Service]]:
    with Receiver() as shop, Receiver() as ops:
        endpoints = [
            {"id": "shop", "url": f"http://127.0.0.1:{shop.port}/", "secret": DEVELOPMENT_SECRET},
            {
                "id": "ops",
                "url": f"http://127.0.0.1:{ops.port}/",
                "secret": DEVELOPMENT_SECRET,
                "event_types": ["endpoint.failing", "endpoint.disabled", "monitoring.alert"],
            },
        ]
        services = []
        for _ in range(2):
            port = free_port()
            env = backbone.env | {
                "ALERTING_PORT": str(port),
                "ALERTING_TOPIC_PREFIX": broker.prefix,
                "ALERTING_ENDPOINTS": json.dumps(endpoints),
                "ALERTING_ALLOW_HTTP": "true",
                "ALERTING_ALLOWED_NETWORKS": "127.0.0.0/8",
                "ALERTING_RETRY_DELAYS": "100ms",
                "ALERTING_RETRY_EVERY": "100ms",
                "ALERTING_RETRY_FOR": "300ms",
            }
            services.append(Service("footfall_alerting", port, env, tmp_path / "alerting.log"))
        try:
            for service in services:
                service.start()
            for service in services:
                service.ready()
            yield shop, ops, services[0], services[1]
        finally:
            for service in services:
                service.stop()


def alert(broker: Broker, *names: str) -> None:
    broker.produce_records(ALERTS, [an_alert(name) | {"sequence": 1} for name in names])


def command(service: Service, *arguments: str) -> Any:
    """Return what a command prints as JSON."""
    result = CliRunner().invoke(commands, [*arguments, "--json", "--url", f"http://127.0.0.1:{service.port}"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def states(service: Service) -> dict[str, str]:
    return {each["id"]: each["state"] for each in command(service, "endpoints")["endpoints"]}


def statuses(service: Service) -> dict[str, str]:
    listed = command(service, "attempts", "--endpoint", "shop", "--limit", "1000")["messages"]
    return {each["event_id"]: each["status"] for each in listed}


def test_operating_alerts(workers: tuple[Receiver, Receiver, Service, Service], broker: Broker) -> None:
    """What docs/alerts.md tells to do, through either worker: look, resend, recover, enable, trigger, Alertmanager."""
    shop, ops, one, other = workers

    shop.status = 503
    alert(broker, *(f"a{number}" for number in range(5)))
    until("all are dead", lambda: list(statuses(other).values()) == ["dead"] * 5)
    dead = command(one, "dead-letters")["messages"]
    assert {each["reason"] for each in dead} == {"exhausted"}
    detail = command(other, "attempts", dead[0]["webhook_id"])
    assert len(detail["attempts"]) >= 3
    assert {each["status"] for each in detail["attempts"]} == {503}
    assert states(one)["shop"] == "failing"

    shop.status = 204
    assert command(other, "resend", dead[0]["webhook_id"])["endpoint"] == "shop"
    until("it arrives", lambda: shop.ids == [dead[0]["webhook_id"]])
    until("it is told", lambda: list(statuses(one).values()).count("delivered") == 1)
    assert command(one, "recover", "--since", "1h", "--endpoint", "shop")["recovered"] == {"shop": 4}
    until("all arrive", lambda: sorted(shop.ids) == sorted(each["webhook_id"] for each in dead))
    until("all know", lambda: set(statuses(other).values()) == {"delivered"})
    assert command(one, "recover", "--since", "1h", "--endpoint", "shop")["recovered"] == {"shop": 0}

    shop.status = 410
    alert(broker, "gone")
    until("both know", lambda: states(one)["shop"] == states(other)["shop"] == "disabled")
    alert(broker, *(f"b{number}" for number in range(4)))
    until("all are dead", lambda: list(statuses(one).values()).count("dead") == 5)
    until("somebody is told", lambda: "endpoint.disabled" in ops.types())
    assert ops.types().count("endpoint.disabled") == 1

    shop.status = 204
    refused = httpx.post(
        f"http://127.0.0.1:{other.port}/v1/recover", json={"endpoint": "shop", "since": "2020-01-01T00:00:00Z"}
    )
    assert refused.status_code == 409
    command(other, "enable", "shop")
    until("both know", lambda: states(one)["shop"] == states(other)["shop"] == "ok")
    assert command(one, "recover", "--since", "1h", "--endpoint", "shop")["recovered"] == {"shop": 5}
    until("nothing is dead", lambda: set(statuses(other).values()) == {"delivered"})
    assert len(shop.ids) == len(set(shop.ids)) == 10

    command(one, "trigger", "webhook.test", "--endpoint", "shop")
    until("it arrives", lambda: "webhook.test" in shop.types())
    firing = {"status": "firing", "labels": {"alertname": "JobDown"}, "startsAt": "2027-01-15T08:00:00Z"}
    for service in (one, other):
        url = f"http://127.0.0.1:{service.port}/v1/alertmanager"
        assert httpx.post(url, json={"alerts": [firing]}).status_code == 202
    command(other, "trigger", "monitoring.alert")
    until("both arrive", lambda: ops.types().count("monitoring.alert") >= 2)
    time.sleep(1)
    assert ops.types().count("monitoring.alert") == 2, "what Alertmanager tells again is the same"
    assert "footfall_webhook_endpoint_disabled" in one.get("/metrics").text
