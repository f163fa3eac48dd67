"""Each alert rule fires when it must and ends afterwards, live: a real Prometheus, an Alertmanager, and a shop that is hurt.

The rule files are the real ones with every time in them shortened by one factor. What fires arrives as signed webhooks.
"""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from confluent_kafka import Producer
from footfall_schemas.codec import encode
from footfall_stack.monitoring import scraped
from footfall_stack.paths import REPOSITORY
from footfall_stack.testing import running_stack

from support import exported, exposed, scaled
from support.alerts import FIRING, RESOLVED, Alerts, Gone, OnCall
from support.events import click
from support.foreign.case import extended
from support.kafka import wait_until
from support.live import CLICKS
from support.receiver import SECRET
from support.shop import Shop
from support.strain import stopped

pytestmark = [
    pytest.mark.stack,
    pytest.mark.monitoring,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not (shutil.which("prometheus") and (shutil.which("prometheus-alertmanager") or shutil.which("alertmanager"))),
        reason="Prometheus and Alertmanager are not installed (apt install prometheus prometheus-alertmanager)",
    ),
]

FACTOR, SLOWEST = 15, 5
RULES = REPOSITORY / "deploy" / "prometheus"
ALL = {
    rule["alert"] for group in yaml.safe_load((RULES / "rules.yaml").read_text())["groups"] for rule in group["rules"]
}
FLOOD = 120_000
"""Late clicks: more than may wait."""
POISON = 500
LONG_AGO = timedelta(hours=2)
HELD = "stock_levels"
"""An output of which no identity speaks."""
BREAK = """
import os, pathlib, sys
if "footfall_recommender" in sys.orig_argv:
    from footfall_recommender.updates import Updates
    whole = Updates._apply
    async def apply(self, record):
        if pathlib.Path(os.environ["BREAK_RECOMMENDER"]).exists():
            raise RuntimeError("broken by a test")
        await whole(self, record)
    Updates._apply = apply
"""
"""Has the recommender's own code fail while a file is there."""


@dataclass
class Hurt:
    """A running shop, who watches it, and what it is hurt with."""

    shop: Shop
    alerts: Alerts
    on_call: OnCall
    gone: Gone
    broken: Path
    """The recommender's code fails while this is there."""

    def trigger(self, endpoint: str) -> None:
        """Have a webhook sent to an endpoint."""
        url = self.shop.stack.settings.url(self.shop.stack.settings.alerting_port)
        asked = {"type": "webhook.test", "endpoint": endpoint}
        httpx.post(f"{url}/v1/trigger", json=asked, timeout=30, trust_env=False).raise_for_status()

    @property
    def producer(self) -> Producer:
        """A new producer."""
        return Producer({"bootstrap.servers": self.shop.kafka, "queue.buffering.max.messages": 2 * FLOOD})


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurt]:
    folder = tmp_path_factory.mktemp("monitoring")
    scaled.write(RULES, folder / "rules", FACTOR, SLOWEST)
    (folder / "sitecustomize.py").write_text(BREAK)
    with OnCall() as on_call, Gone() as gone, _nobody() as dead:
        urls = {"on-call": on_call.url, "gone": gone.url, "dead": dead, "slow": on_call.url}
        wants = {"on-call": ["monitoring.alert"]}
        endpoints = [
            {"id": name, "url": url, "secret": SECRET, "event_types": wants.get(name, ["webhook.test"])}
            | ({"rate": 0.08} if name == "slow" else {})
            for name, url in urls.items()
        ]
        env = {
            "PROMETHEUS_CONFIG_DIR": str(folder / "rules"),
            "PYTHONPATH": str(folder),
            "BREAK_RECOMMENDER": str(folder / "break"),
            "ANALYTICS_PARALLELISM": "1",
            "ANALYTICS_IDLE_TIMEOUT": "2s",
            "ANALYTICS_QUIET_MARGIN": "1s",
            "GENERATOR_RATE": "20",
            "HEALTH_BEHIND": "15s",
            "HEALTH_LATELY": "40s",
            "HEALTH_RECENT": "100s",
            "HEALTH_CHECKPOINT_AGE": "20s",
            "ALERTING_ENDPOINTS": json.dumps(endpoints),
            "ALERTING_RETRY_DELAYS": "1s",
            "ALERTING_RETRY_FOR": "2s",
        }
        with running_stack(folder / "data", extra=["monitoring"], env=env) as stack:
            shop = Shop(stack)
            wait_until(lambda: bool(shop.read("integrity")), seconds=180, what="the first comparison of streams")
            watched = Alerts(stack.settings.url(stack.settings.prometheus_port))
            watched.wait_ended(ALL, seconds=120)
            # Prometheus remembers the last seconds, in which something may just have ended.
            alerts = Alerts(watched.url, time.time() + 5)
            yield Hurt(shop, alerts, on_call, gone, folder / "break")


@contextmanager
def _nobody() -> Iterator[str]:
    """Yield an address at which nobody answers: the port is taken, but nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_every_metric_has_a_usual_name_and_no_label_grows(hurt: Hurt) -> None:
    wrong: list[str] = []
    for job, pages in _pages(hurt).items():
        for page in pages:
            types = exposed.families(page)
            prefixes = exposed.PREFIXES.get(job, (exposed.OWN, "python_", "process_"))
            wrong += [f"{job}: {name} begins strangely" for name in types if not name.startswith(prefixes)]
            wrong += [*exposed.misnamed(types), *(f"{job}: {told}" for told in exposed.unbounded(page))]
            if job.startswith("footfall-") and shutil.which("promtool"):
                told = subprocess.run(
                    ["promtool", "check", "metrics"], input=page, text=True, capture_output=True, check=False
                )
                wrong += [line for line in (told.stdout + told.stderr).splitlines() if line.startswith(exposed.OWN)]
    assert wrong == []


def test_every_metric_that_is_promised_is_there(hurt: Hurt) -> None:
    names = [name for pages in _pages(hurt).values() for page in pages for name in exposed.families(page)]

    promised = [name.replace("*", ".*") for name in (*exported.broker(), *exported.flink())]
    assert [name for name in promised if not any(re.fullmatch(name, each) for each in names)] == []


def test_what_is_told_after_a_kill_is_told_again_and_once(hurt: Hurt) -> None:
    """Labels of attempts are left out: the series of the next attempt are those of the last."""
    before = {name: len(each) for name, each in _series(hurt).items()}
    hurt.shop.stack.kill("taskmanager")
    hurt.shop.stack.wait_restarted("taskmanager", 1)

    wait_until(
        lambda: {name: len(each) for name, each in _series(hurt).items()} == before,
        seconds=120,
        what=lambda: f"the same series: {before}, { ({name: len(each) for name, each in _series(hurt).items()}) }",
    )


def test_a_part_that_is_away_a_dead_endpoint_one_that_is_gone_and_poison(hurt: Hurt) -> None:
    stack = hurt.shop.stack
    for endpoint in ("dead", "gone", *["slow"] * 6):
        hurt.trigger(endpoint)
    _poison(hurt)
    with stopped(stack, "dashboard"):
        hurt.alerts.wait_fired({"FootfallPartAway"}, seconds=60)
    hurt.alerts.wait_fired(
        {"FootfallWebhookDeadLetters", "FootfallEndpointDisabled", "FootfallDeadLetters"}, seconds=90
    )

    hurt.gone.is_there = True
    hurt.shop.run("webhook", "enable", "gone")
    short = {"FootfallPartAway", "FootfallWebhookDeadLetters", "FootfallEndpointDisabled", "FootfallDeadLetters"}
    hurt.alerts.wait_ended(short, seconds=180)
    _wait_told(hurt, short)


def test_a_wrong_row_turns_it_red(hurt: Hurt) -> None:
    shop = hurt.shop
    messages = shop.read("progress")
    final = messages[-1].value["watermark"]
    row = max(
        (each.value for each in shop.read("revenue_per_minute") if each.value["window_end"] < final),
        key=lambda each: each["window_start"],
    )
    shop.publish("revenue_per_minute", row | {"failed_payments": row["failed_payments"] + 1})
    hurt.alerts.wait_fired({"FootfallIntegrityBroken"}, seconds=30)
    red = {series["metric"]["identity"] for series in hurt.alerts.query("footfall_integrity_broken > 0")}
    assert red == {"failed_payments", "failed_payments_of_categories"}

    shop.publish("revenue_per_minute", row)
    hurt.alerts.wait_ended({"FootfallIntegrityBroken"}, seconds=60)


def test_a_registry_that_is_away_a_schema_nobody_has_a_flood_and_an_open_transaction(hurt: Hurt) -> None:
    shop, stack = hurt.shop, hurt.shop.stack
    foreign = extended(CLICKS.schema, campaign=["null", "string"])
    answer = httpx.post(
        f"{stack.env['SCHEMA_REGISTRY_URL']}/subjects/foreign/versions",
        json={"schema": json.dumps(foreign)},
        trust_env=False,
    )
    number = answer.raise_for_status().json()["id"]
    late = encode(shop.registry.register(CLICKS), CLICKS.schema, click("late", datetime.now(UTC) - LONG_AGO))
    with _open_transaction(hurt):
        hurt.broken.touch()
        with stopped(stack, "registry"):
            strange = encode(number, foreign, click("foreign", datetime.now(UTC)) | {"campaign": None})
            producer = hurt.producer
            for partition in range(CLICKS.partitions):
                producer.produce(CLICKS.name, strange, partition=partition)
            assert producer.flush(60) == 0
            for _ in range(FLOOD):
                producer.produce(CLICKS.name, late)
            assert producer.flush(120) == 0
            waits = {
                "FootfallSchemaAwaited",
                "FootfallUnreadMessages",
                "FootfallWatermarkBehind",
                "FootfallFallingBehind",
            }
            hurt.alerts.wait_fired({"FootfallRegistryAway", *waits}, seconds=180)
        hurt.alerts.wait_fired({"FootfallLateEvents", "FootfallOpenTransaction"}, seconds=120)
        hurt.alerts.wait_fired({"FootfallPartitionsPaused", "FootfallRecommenderStale"}, seconds=180)
    hurt.broken.unlink()
    stack.kill("recommender")
    hurt.alerts.wait_fired({"FootfallWebhooksWait"}, seconds=60)


def test_a_job_that_is_killed_and_paused(hurt: Hurt) -> None:
    stack = hurt.shop.stack
    before = stack.status("taskmanager")
    assert before
    for death in range(1, 3):
        stack.kill("taskmanager")
        stack.wait_restarted("taskmanager", before.restarts + death)
    with stopped(stack, "taskmanager"):
        hurt.alerts.wait_fired({"FootfallJobDown", "FootfallCheckpointsFail", "FootfallJobRestarts"}, seconds=150)


def test_a_broker_that_is_away(hurt: Hurt) -> None:
    with stopped(hurt.shop.stack, "kafka"):
        hurt.alerts.wait_fired({"FootfallKafkaAway"}, seconds=60)


def test_every_rule_has_fired_and_ends_and_both_were_told_by_signed_webhooks(hurt: Hurt) -> None:
    assert ALL - hurt.alerts.fired() == set()
    hurt.alerts.wait_ended(ALL, seconds=240)
    _wait_told(hurt, ALL)
    assert hurt.on_call.invalid == []


def _pages(hurt: Hurt) -> dict[str, list[str]]:
    """Return what everybody answers whom Prometheus asks, by job."""
    document = yaml.safe_load(scraped(hurt.shop.stack.settings))
    return {
        job["job_name"]: [
            httpx.get(f"http://{target}/metrics", timeout=30, trust_env=False).raise_for_status().text
            for target in job["static_configs"][0]["targets"]
        ]
        for job in document["scrape_configs"]
    }


def _series(hurt: Hurt) -> dict[str, set[str]]:
    """Return the series of the job's tasks by metric."""
    port = hurt.shop.stack.settings.flink_taskmanager_metrics_port
    with suppress(httpx.TransportError):
        page = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30, trust_env=False).text
        found = re.findall(r"^(flink_taskmanager_job_task_num\w+)({.*}) ", page, re.MULTILINE)
        return {name: {labels for other, labels in found if other == name} for name, _ in found}
    return {}


def _wait_told(hurt: Hurt, names: set[str]) -> None:
    wanted = {(name, status) for name in names for status in (FIRING, RESOLVED)}
    wait_until(lambda: wanted <= hurt.on_call.told, seconds=60, what=lambda: f"webhooks {wanted - hurt.on_call.told}")


def _poison(hurt: Hurt) -> None:
    producer = hurt.producer
    for _ in range(POISON):
        producer.produce("checkouts", b"garbage")
    assert producer.flush(30) == 0


@contextmanager
def _open_transaction(hurt: Hurt) -> Iterator[None]:
    """Keep a stranger's transaction open within the block, on an output."""
    settings = {"bootstrap.servers": hurt.shop.kafka, "transactional.id": "stranger", "transaction.timeout.ms": 600_000}
    producer = Producer(settings)
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(HELD, b"x", b"stranger", 0)
    assert producer.flush(30) == 0
    try:
        yield
    finally:
        producer.abort_transaction(30)
