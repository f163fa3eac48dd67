"""Build the images, run the shop in containers, kill each, start again, and compare every output; prints how long it took.

PYTHONPATH=tests .venv/bin/python -m checks.composed
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from footfall_alerting.signing import DEVELOPMENT_SECRET
from footfall_schemas.codec import from_json
from footfall_schemas.topics import ROOT, topic
from footfall_stack import ports
from rich.console import Console
from rich.table import Table

from checks.composed.containers import Containers
from checks.composed.secured import secured
from checks.prove.evidence import Evidence, Run
from checks.prove.verdict import Verdict, compared, show, summary
from checks.prove.waiting import Jobs, wait_quiet
from support.events import click, inventory_update
from support.kafka import read_raw, wait_until
from support.receiver import SECRET, Receiver
from support.shop import Shop

PORTS = (
    "KAFKA_PORT",
    "REGISTRY_PORT",
    "FLINK_REST_PORT",
    "RECOMMENDER_PORT",
    "DASHBOARD_PORT",
    "ALERTING_PORT",
    "POSTGRES_PORT",
)
SERVICES = (
    "kafka",
    "registry",
    "jobmanager",
    "taskmanager",
    "analytics",
    "generator",
    "alerting",
    "recommender",
    "dashboard",
)
ALERT = ROOT / "examples" / "inventory-alerts" / "low.json"
PATIENCE = 300.0
MOST_MIB = 200
"""What a service's image may add to its base."""


class Times:
    """What was done and how long it took."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, str]] = []

    def note(self, what: str, seconds: float) -> None:
        self.tell(what, f"{seconds:.0f} s")

    def tell(self, what: str, value: str) -> None:
        print(f"  {what}: {value}", flush=True)
        self._rows.append((what, value))

    def show(self, console: Console) -> None:
        table = Table(title="Containers", title_justify="left", show_header=False)
        for row in self._rows:
            table.add_row(*row)
        console.print(table)


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="composed", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave containers and volumes as they are at the end")
    asked = parser.parse_args()
    times = Times()
    with Receiver(host="0.0.0.0") as receiver, Receiver(host="0.0.0.0", secret=DEVELOPMENT_SECRET) as own:
        env = dict(zip(PORTS, map(str, ports.choose(len(PORTS))), strict=True)) | {
            "ALERTING_WEBHOOK_URL": _seen_from_containers(receiver),
            "ALERTING_WEBHOOK_SECRET": SECRET,
            "ALERTING_RETRY_DELAYS": "500ms,2s,10s,30s",
        }
        containers = Containers(f"footfall-test-{os.getpid()}", env)
        try:
            verdicts = [*_build(containers, times), *_whole_shop(containers, receiver, times)]
            verdicts += _alerting_alone(containers, own, times)
            containers.down(volumes=True)
            verdicts += secured(containers, receiver, times.tell)
        finally:
            if not asked.keep:
                containers.down(volumes=True)
    console = Console()
    times.show(console)
    show(verdicts, console)
    print(summary(verdicts))
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _build(containers: Containers, times: Times) -> list[Verdict]:
    with _timed(times, "docker compose build"):
        containers.build()
    verdicts = []
    for name in ("generator", "alerting", "recommender", "dashboard"):
        added = containers.added_mebibytes(name)
        times.tell(f"image {name}, on top of its base", f"{added} MiB")
        wrong = [f"{added} MiB"] if added > MOST_MIB else []
        verdicts.append(compared("images", f"{name} adds at most {MOST_MIB} MiB", 1, {"too large": wrong}))
    return verdicts


def _whole_shop(containers: Containers, receiver: Receiver, times: Times) -> list[Verdict]:
    times.note("docker compose up --wait", containers.up())
    shop = _shop(containers)
    with _timed(times, "first webhook on this machine"):
        wait_until(lambda: bool(receiver.delivered), seconds=PATIENCE, what="a webhook")
    with _timed(times, "first committed minute of revenue"):
        wait_until(lambda: bool(shop.read("revenue_per_minute")), seconds=PATIENCE, what="a minute of revenue")
    with _timed(times, "first recommendation"):
        wait_until(
            lambda: containers.recommends(row.value["product_id"] for row in shop.read("related-products")[-20:]),
            seconds=PATIENCE,
            what="a recommendation",
        )
    for name, usage in sorted(containers.memory().items()):
        times.tell(f"memory of {name}", usage)
    for name in SERVICES:
        times.note(f"{name} killed, healthy again", containers.kill(name))
        Jobs(shop).wait_up()
    verdicts = _compare(containers, shop, receiver, "killed")
    times.note("docker compose down", containers.down())
    times.note("docker compose up --wait again", containers.up())
    Jobs(shop).wait_up()
    time.sleep(20)
    return [*verdicts, *_compare(containers, shop, receiver, "down and up")]


def _compare(containers: Containers, shop: Shop, receiver: Receiver, scenario: str) -> list[Verdict]:
    containers.compose("stop", "generator")
    # Running totals hold what no clock has passed yet: one more event lets it pass all that came before.
    time.sleep(10)
    now = datetime.now(UTC)
    shop.publish("clickstream", click(f"closing-{now:%H%M%S}", now, "page_view"))
    shop.publish("inventory-updates", inventory_update(f"closing-{now:%H%M%S}", now, 50))
    wait_quiet(Jobs(shop))
    evidence = Evidence(shop, Run(scenario))
    alerts = {row["alert_id"] for row in shop.rows("inventory-alerts", datetime.max.replace(tzinfo=UTC))}

    def untold() -> list[str]:
        return sorted(alerts - receiver.delivered_alerts())

    try:
        wait_until(lambda: not untold(), seconds=PATIENCE, what="every alert's webhook")
    except TimeoutError:
        # What the table below cannot tell: whether it was given up, or is still to come.
        print(containers.compose("logs", "--tail", "100", "alerting"))
        print([letter.headers() for letter in read_raw(shop.kafka, "alerting-dead-letters")])
    return [
        *evidence.verdicts(),
        compared(scenario, "webhooks", len(alerts), {"missing": untold(), "badly signed": list(receiver.invalid)}),
    ]


def _alerting_alone(containers: Containers, receiver: Receiver, times: Times) -> list[Verdict]:
    containers.down(volumes=True)
    # As it comes: with the development secret.
    env = {name: containers.env[name] for name in PORTS} | {"ALERTING_WEBHOOK_URL": _seen_from_containers(receiver)}
    containers = replace(containers, env=env)
    times.note("docker compose up --wait alerting, alone", containers.up("alerting"))
    running = sorted(containers.running())
    wrong = [] if running == ["alerting", "kafka", "registry"] else running
    shop, before = _shop(containers), len(receiver.delivered)
    alert = from_json(topic("inventory-alerts").schema, json.loads(ALERT.read_text()))
    shop.publish("inventory-alerts", alert)
    with _timed(times, "its webhook"):
        wait_until(lambda: alert["alert_id"] in receiver.delivered_alerts(), seconds=60, what="the webhook")
    delivered = len(receiver.delivered) - before
    return [
        compared("alerting alone", "runs with what it needs", len(running), {"runs": wrong}),
        compared(
            "alerting alone", "webhook of an alert", delivered, {"not one": [] if delivered == 1 else [delivered]}
        ),
    ]


def _seen_from_containers(receiver: Receiver) -> str:
    return f"http://host.docker.internal:{receiver.port}/hooks"


def _shop(containers: Containers) -> Shop:
    address = "http://127.0.0.1"
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": f"localhost:{containers.env['KAFKA_PORT']}",
        "SCHEMA_REGISTRY_URL": f"{address}:{containers.env['REGISTRY_PORT']}/apis/ccompat/v7",
        "FLINK_REST_URL": f"{address}:{containers.env['FLINK_REST_PORT']}",
    }
    return Shop(cast("Any", SimpleNamespace(env=env)))


@contextmanager
def _timed(times: Times, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    times.note(what, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
