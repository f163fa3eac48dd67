"""The alerting service as a process, with receivers that answer as told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from footfall_alerting.signing import DEVELOPMENT_SECRET
from footfall_schemas.topics import topic
from standardwebhooks import Webhook

from .workbench import Broker, Service, free_port

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
    heard: int = 0
    """Requests that have come, whether they are answered yet or not."""
    forged: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    """What its endpoint is told besides, such as a rate."""
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
                receiver.heard += 1
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

    def receiver(self, answer: Callable[[int], int] = lambda _: 204, delay: float = 0.0, **fields: Any) -> Receiver:
        self.receivers.append(receiver := Receiver(answer, delay, fields=fields))
        return receiver

    def service(self, *to: Receiver, **settings: str) -> Service:
        port = free_port()
        endpoints = [
            {"id": f"r{number}", "url": receiver.url, "secret": DEVELOPMENT_SECRET, **receiver.fields}
            for number, receiver in enumerate(to)
        ]
        env = self.env | {
            "ALERTING_PORT": str(port),
            "ALERTING_TOPIC_PREFIX": self.broker.prefix,
            "ALERTING_ENDPOINTS": json.dumps(endpoints),
            "ALERTING_ALLOW_HTTP": "true",
            "ALERTING_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
            "ALERTING_RETRY_DELAYS": "200ms,400ms,800ms,1600ms,3s",
            "ALERTING_RETRY_EVERY": "3s",
            "ALERTING_RETRY_FOR": "60s",
        }
        self.services.append(service := Service("footfall_alerting", port, env | settings, self.log))
        service.start()
        return service

    def alert(self, *names: str) -> None:
        self.broker.produce_records(ALERTS, [an_alert(name) for name in names])

    def topic(self, name: str) -> str:
        return self.broker.prefix + name


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
        "sequence": 1,
        "update_id": f"u-{name}",
    }


def dead_letters(bench: Bench) -> list[dict[str, bytes]]:
    return [dict(letter.headers() or []) for letter in bench.broker.read(bench.topic("alerting-dead-letters"))]


@contextmanager
def opened(backbone: Any, folder: Path) -> Iterator[Bench]:
    """Yield a bench whose services, receivers and topics end with the block."""
    bench = Bench(Broker(backbone.kafka, backbone.registry), folder / "alerting.log", backbone.env)
    yield bench
    for service in bench.services:
        service.stop()
    for receiver in bench.receivers:
        receiver.stop()
    bench.broker.clean()
