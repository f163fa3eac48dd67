"""How fast alerts become webhooks: one worker on a stack of its own, and a receiver that answers at once.

First a steady rate: from the event to the receiver's answer. Then a backlog: webhooks per second, and for each second that
the worker computes. Prints the figures and writes them to bench/results/alerting.json.

    .venv/bin/python bench/alerting.py --rate 100 --seconds 60 --backlog 10000
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
import psutil
from confluent_kafka import Producer
from footfall_alerting.signing import DEVELOPMENT_SECRET
from footfall_schemas import codec
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import load_topics
from footfall_stack.testing import running_stack

HERE = Path(__file__).resolve().parent
ALERTS = load_topics()["inventory-alerts"]
PATIENCE = 300.0
"""Seconds anything here may take."""
BEGUN = re.compile(rb'"alert_id":"b-(\d+)-')


class Receiving(asyncio.Protocol):
    """Answers every request with 204 and notes how old its event is."""

    def __init__(self, ages: list[float]) -> None:
        self._ages = ages
        self._buffer = b""
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = int(re.search(rb"content-length: (\d+)", self._buffer[:end].lower())[1])  # type: ignore[index]
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            if begun := BEGUN.search(body):
                self._ages.append(time.time() - int(begun[1]) / 1e6)
            if isinstance(self._transport, asyncio.WriteTransport):
                self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def receive(pipe: Connection) -> None:
    """Receive in a process of its own: say the port, then answer each question with the ages since the last one."""

    async def serve() -> None:
        ages: list[float] = []
        server = await asyncio.get_running_loop().create_server(lambda: Receiving(ages), "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while True:
            await asyncio.to_thread(pipe.recv)
            pipe.send(list(ages))
            ages.clear()

    asyncio.run(serve())


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=int, default=100, help="alerts per second at first")
    parser.add_argument("--seconds", type=int, default=60, help="how long")
    parser.add_argument("--backlog", type=int, default=10_000, help="alerts that wait when the worker starts")
    parser.add_argument("--profile", type=Path, help="write the worker's profile of the backlog here")
    asked = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    with (
        tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder,
        running_stack(Path(folder) / "stack", ["kafka", "registry"]) as stack,
    ):
        env = dict(os.environ | stack.env)
        alerts = Alerts(stack.env["KAFKA_BOOTSTRAP_SERVERS"], stack.env["SCHEMA_REGISTRY_URL"])
        result = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"cores": psutil.cpu_count(), "system": platform.platform()},
            "load_before": round(os.getloadavg()[0], 1),
            **measure(asked, alerts, env, ours.recv(), ours),
        }
    print(json.dumps(result, indent=2))
    path = HERE / "results" / "alerting.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {path.relative_to(HERE.parent)}")


class Alerts:
    """Makes alerts whose ids say when they happened."""

    def __init__(self, kafka: str, registry: str) -> None:
        self._schema = SchemaRegistry(registry).register(ALERTS)
        self._producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2_random", "linger.ms": 5})
        self._made = 0

    def make(self, count: int) -> None:
        """Append so many."""
        for _ in range(count):
            self._made += 1
            now = time.time()
            row = {
                "alert_id": f"b-{round(now * 1e6)}-{self._made}",
                "alert_type": "inventory.low",
                "event_time": datetime.fromtimestamp(now, UTC),
                "product_id": f"P{self._made % 500:05}",
                "product_name": "Canvas backpack",
                "category_id": "C003",
                "warehouse_id": f"W{self._made % 4}",
                "quantity": 3,
                "previous_quantity": 6,
                "threshold": 5,
                "update_id": f"m-{self._made}",
                "sequence": self._made,
            }
            row |= {name: None for name in ALERTS.field_names if name not in row}
            self._producer.produce(
                ALERTS.name, codec.encode(self._schema, ALERTS.schema, row), codec.key_of(ALERTS, row)
            )
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until all are appended."""
        self._producer.flush(PATIENCE)


def measure(
    asked: argparse.Namespace, alerts: Alerts, env: dict[str, str], receiver: int, pipe: Connection
) -> dict[str, Any]:
    """Return the figures."""

    def ages() -> list[float]:
        pipe.send(None)
        found: list[float] = pipe.recv()
        return found

    with worker(env, receiver) as process:
        alerts.make(100)
        alerts.flush()
        warm = wait_for(ages, 100)
        before, begun = cpu(process), time.monotonic()
        for number in range(asked.rate * asked.seconds):
            time.sleep(max(0.0, begun + number / asked.rate - time.monotonic()))
            alerts.make(1)
        alerts.flush()
        steady = wait_for(ages, asked.rate * asked.seconds)
        steady_cpu = cpu(process) - before
    alerts.make(asked.backlog)
    alerts.flush()
    with worker(env, receiver, asked.profile) as process:
        done, before, begun = len(ages()), cpu(process), time.monotonic()
        wait_for(ages, asked.backlog - done)
        seconds, used = time.monotonic() - begun, cpu(process) - before
        memory = process.memory_info().rss
    del warm
    return {
        "steady": {
            "alerts_per_second": asked.rate,
            "seconds": asked.seconds,
            "event_to_webhook_p50_ms": quantile(steady, 0.5),
            "event_to_webhook_p99_ms": quantile(steady, 0.99),
            "event_to_webhook_most_ms": quantile(steady, 1.0),
            "core_share": round(steady_cpu / asked.seconds, 3),
        },
        "backlog": {
            "alerts": asked.backlog,
            "webhooks_per_second": round((asked.backlog - done) / seconds),
            "webhooks_per_cpu_second": round((asked.backlog - done) / used),
            "memory_mib": round(memory / 2**20, 1),
        },
    }


@contextmanager
def worker(env: dict[str, str], receiver: int, profile: Path | None = None) -> Iterator[psutil.Process]:
    """Run one worker until the block ends; the block begins when it is ready."""
    port = free_port()
    endpoint = {"id": "bench", "url": f"http://127.0.0.1:{receiver}/", "secret": DEVELOPMENT_SECRET}
    settings = {
        "ALERTING_PORT": str(port),
        "ALERTING_ENDPOINTS": json.dumps([endpoint]),
        "ALERTING_ALLOW_HTTP": "true",
        "ALERTING_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    profiled = ["-m", "cProfile", "-o", str(profile)] if profile else []
    started = subprocess.Popen(
        [sys.executable, *profiled, "-m", "footfall_alerting"],
        env=env | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_ready(port):
            if started.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the worker did not become ready: {started.poll()}")
            time.sleep(0.05)
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(20)


def is_ready(port: int) -> bool:
    """Tell whether the worker delivers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200  # noqa: PLR2004
    except httpx.TransportError:
        return False


def wait_for(ages: Any, count: int) -> list[float]:
    """Return the ages of so many webhooks when they have come."""
    deadline, found = time.monotonic() + PATIENCE, list[float]()
    while len(found) < count:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {len(found)} of {count} webhooks came")
        time.sleep(0.05)
        found += ages()
    return found


def cpu(process: psutil.Process) -> float:
    """Return the seconds that a process has computed."""
    return sum(process.cpu_times()[:2])


def quantile(ages: list[float], share: float) -> float:
    """Return a quantile in milliseconds."""
    return round(sorted(ages)[min(len(ages) - 1, int(share * len(ages)))] * 1000, 1)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
