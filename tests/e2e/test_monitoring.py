"""Each alert rule fires when it must and ends afterwards, live: a real Prometheus, an Alertmanager, and a shop that is hurt.

The rule files are the real ones with every time in them shortened by one factor. What fires arrives as signed webhooks.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import yaml
from footfall_schemas.codec import encode
from footfall_stack.monitoring import scraped

from support import exported, exposed
from support.alerts import NEEDS_MONITORING
from support.events import click
from support.foreign.case import extended
from support.hurt import ALL, Hurt, hurt_shop
from support.kafka import wait_until
from support.live import CLICKS
from support.strain import stopped

pytestmark = [
    pytest.mark.stack,
    pytest.mark.monitoring,
    pytest.mark.timeout(900),
    NEEDS_MONITORING,
]

FLOOD = 120_000
"""Late clicks: more than may wait."""
POISON = 500
LONG_AGO = timedelta(hours=2)
HELD = "stock_levels"
"""An output of which no identity speaks."""
AWAY = {
    "FootfallPartAway",
    "FootfallWebhookDeadLetters",
    "FootfallEndpointDisabled",
    "FootfallWebhooksWait",
    "FootfallDeadLetters",
}
DISAGREEING = {"FootfallIntegrityBroken"}
ONCE_IT_IS_BACK = {
    "FootfallLateEvents",
    "FootfallOpenTransaction",
    "FootfallPartitionsPaused",
    "FootfallRecommenderStale",
}
"""What only a job that reads can tell."""
WAITING = ONCE_IT_IS_BACK | {
    "FootfallRegistryAway",
    "FootfallSchemaAwaited",
    "FootfallUnreadMessages",
    "FootfallWatermarkBehind",
    "FootfallFallingBehind",
}
DOWN = {"FootfallJobDown", "FootfallCheckpointsFail", "FootfallJobRestarts"}
NO_BROKER = {"FootfallKafkaAway"}
"""Rules by what makes them fire."""


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurt]:
    with hurt_shop(tmp_path_factory.mktemp("monitoring")) as hurt:
        yield hurt


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


def test_every_rule_is_of_one_of_these_tests() -> None:
    assert sorted([*AWAY, *DISAGREEING, *WAITING, *DOWN, *NO_BROKER]) == sorted(ALL)


def test_a_part_that_is_away_a_dead_endpoint_one_that_is_gone_a_slow_one_and_poison(hurt: Hurt) -> None:
    for endpoint in ("dead", "gone", *["slow"] * 6):
        hurt.trigger(endpoint)
    hurt.write("checkouts", [(b"garbage", None)] * POISON)
    with stopped(hurt.shop.stack, "dashboard"):
        hurt.alerts.wait_fired({"FootfallPartAway"}, seconds=60)
    hurt.alerts.wait_fired(AWAY, seconds=120)

    hurt.gone.is_there = True
    hurt.shop.run("webhook", "enable", "gone")
    hurt.wait_over(AWAY)


def test_a_wrong_row_turns_it_red(hurt: Hurt) -> None:
    shop = hurt.shop
    messages = shop.read("progress")
    final = messages[-1].value["watermark"]
    row = max(
        (each.value for each in shop.read("revenue_per_minute") if each.value["window_end"] < final),
        key=lambda each: each["window_start"],
    )
    shop.publish("revenue_per_minute", row | {"failed_payments": row["failed_payments"] + 1})
    hurt.alerts.wait_fired(DISAGREEING, seconds=30)
    red = {series["metric"]["identity"] for series in hurt.alerts.query("footfall_integrity_broken > 0")}
    assert red == {"failed_payments", "failed_payments_of_categories"}

    shop.publish("revenue_per_minute", row)
    hurt.wait_over(DISAGREEING)


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
    with hurt.open_transaction(HELD):
        hurt.broken.touch()
        with stopped(stack, "registry"):
            strange = encode(number, foreign, click("foreign", datetime.now(UTC)) | {"campaign": None})
            hurt.write(CLICKS.name, [(strange, partition) for partition in range(CLICKS.partitions)])
            hurt.write(CLICKS.name, [(late, None)] * FLOOD)
            hurt.alerts.wait_fired(WAITING - ONCE_IT_IS_BACK, seconds=180)
        hurt.alerts.wait_fired(WAITING, seconds=240)
    hurt.broken.unlink()
    stack.kill("recommender")
    hurt.wait_over(WAITING)


def test_a_job_that_is_killed_and_paused(hurt: Hurt) -> None:
    stack = hurt.shop.stack
    before = stack.status("taskmanager")
    assert before
    for death in range(1, 3):
        stack.kill("taskmanager")
        stack.wait_restarted("taskmanager", before.restarts + death)
        # A kill before it runs again would be no failure of the job.
        hurt.wait_job_runs(failures=death)
    with stopped(stack, "taskmanager"):
        hurt.alerts.wait_fired(DOWN, seconds=150)
    hurt.wait_over(DOWN)


def test_a_broker_that_is_away(hurt: Hurt) -> None:
    """Of that no webhook tells: what alerting has to send is kept in Kafka."""
    with stopped(hurt.shop.stack, "kafka"):
        hurt.alerts.wait_fired(NO_BROKER, seconds=60)
    hurt.alerts.wait_ended(NO_BROKER, seconds=120)


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
