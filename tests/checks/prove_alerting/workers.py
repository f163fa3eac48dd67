"""Alerting's processes, and the alerts they are given."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import Producer
from footfall_schemas import codec
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import load_topics
from footfall_stack import ports

ALERTS = load_topics()["inventory-alerts"]
WAREHOUSES = 50
"""Alerts are shared out among so many: slow receivers want those of a few."""


def until(what: str, check: Callable[[], Any], seconds: float) -> Any:
    """Return the first true result of `check`.

    Raises:
        TimeoutError: There was none within the time.
    """
    deadline = time.monotonic() + seconds
    while not (result := check()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.2)
    return result


@dataclass
class Worker:
    """One process of the service; it may be killed and started again."""

    env: Mapping[str, str]
    log: Path
    port: int = field(default_factory=lambda: ports.choose(1)[0])
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "footfall_alerting"],
                env={**os.environ, **self.env, "ALERTING_PORT": str(self.port)},
                stdout=out,
                stderr=out,
            )

    def ready(self, seconds: float = 300) -> None:
        until("a worker is ready", self._is_ready, seconds)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def memory(self) -> float:
        """Return the megabytes it holds."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def workers(count: int, env: Mapping[str, str], log: Path) -> Iterator[list[Worker]]:
    """Run so many until the block ends; it begins when all are ready."""
    running = [Worker(env, log) for _ in range(count)]
    try:
        for worker in running:
            worker.start()
        for worker in running:
            worker.ready()
        yield running
    finally:
        for worker in running:
            worker.end(signal.SIGTERM)


class Alerts:
    """Appends alerts; remembers their ids and where they happened."""

    def __init__(self, kafka: str, registry: str, prefix: str) -> None:
        self._schema = SchemaRegistry(registry).register(ALERTS)
        self._producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2_random", "linger.ms": 5})
        self._topic = prefix + ALERTS.name
        self.warehouses: dict[str, str] = {}
        """By alert id."""
        self.happened: dict[str, float] = {}
        """Epoch seconds, by alert id."""

    def make(self, count: int) -> None:
        """Append so many."""
        for _ in range(count):
            number, now = len(self.warehouses), datetime.now(UTC)
            row: dict[str, Any] = dict.fromkeys(ALERTS.field_names) | {
                "alert_id": f"alert-{number}",
                "alert_type": "inventory.low",
                "event_time": now,
                "product_id": f"P{number % 997:05}",
                "product_name": "Müsli",
                "category_id": "C003",
                "warehouse_id": f"W{number % WAREHOUSES}",
                "quantity": 3,
                "previous_quantity": 6,
                "threshold": 5,
                "update_id": f"m-{number}",
                "sequence": number + 1,
            }
            self.warehouses[row["alert_id"]] = row["warehouse_id"]
            self.happened[row["alert_id"]] = now.timestamp()
            value = codec.encode(self._schema, ALERTS.schema, row)
            self._producer.produce(self._topic, value, codec.key_of(ALERTS, row))
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until all are appended."""
        self._producer.flush(60)
