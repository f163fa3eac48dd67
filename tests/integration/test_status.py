"""`footfall status --json` tells each thing that can go wrong with a shop, and that it is over when it is."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer
from footfall_schemas.codec import encode
from footfall_schemas.topics import topic
from footfall_stack.restarts import RestartPolicy
from footfall_stack.testing import running_stack

from support.events import click, product
from support.foreign.case import extended
from support.kafka import wait_readable, wait_until
from support.live import CLICKS, counted
from support.shop import Shop
from support.strain import stopped

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(900)]

JOB = "footfall"
PRODUCTS = topic("products")
BEHIND = 15
"""Seconds behind the clock that are wrong here."""
HELD = 1
"""The partition that a foreign transaction keeps from being read."""


class Status:
    """What `footfall status` says.

    Args:
        shop: Of whom.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._seen: dict[str, Any] = {}

    def look(self) -> dict[str, Any]:
        """Look once more; the exit status says the same as the level."""
        command = self._shop.begin("status", "--json")
        said, _ = command.communicate()
        self._seen = json.loads(said)
        assert command.returncode == (1 if self._seen["level"] == "wrong" else 0), said
        return self._seen

    def wait(
        self,
        name: str,
        about: str,
        level: str,
        detail: str = "",
        *,
        seconds: float = 90,
        first: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        """Look until there is such a fact and return it.

        Args:
            name: Of the fact.
            about: What it is about.
            level: That it must have, a regular expression.
            detail: A regular expression for what it says.
            seconds: How long.
            first: What is done before each look.
        """
        found: list[dict[str, Any]] = []

        def is_told() -> bool:
            if first:
                first()
            found[:] = [
                fact
                for fact in self.look()["facts"]
                if (fact["name"], fact["about"]) == (name, about)
                and re.fullmatch(level, fact["level"])
                and re.search(detail, fact["detail"])
            ]
            return bool(found)

        wait_until(is_told, seconds=seconds, what=lambda: f"{name} {about} {level} {detail}: {self._told()}")
        (fact,) = found
        assert level == "ok" or (fact["cure"] and fact["since"] <= self._seen["at"])
        return fact

    def wait_fine(self, *names: str, seconds: float = 90) -> None:
        """Look until each of these facts is ok, whatever it is about."""

        def is_fine() -> bool:
            return all(fact["level"] == "ok" for fact in self.look()["facts"] if fact["name"] in names)

        wait_until(is_fine, seconds=seconds, what=lambda: f"{', '.join(names)} ok: {self._told()}")

    def _told(self) -> str:
        return json.dumps([fact for fact in self._seen["facts"] if fact["level"] != "ok"], indent=1)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    env = {
        "ANALYTICS_VIEWS": "event_counts,late_events,dead_letters,event_accounting,inventory_alerts",
        "ANALYTICS_PARALLELISM": "1",
        "ANALYTICS_IDLE_TIMEOUT": "2s",
        "ANALYTICS_QUIET_MARGIN": "1s",
        "HEALTH_BEHIND": f"{BEHIND}s",
    }
    with running_stack(tmp_path_factory.mktemp("status"), ["analytics", "alerting"], env=env) as stack:
        yield Shop(stack)


@pytest.fixture(scope="module")
def status(shop: Shop) -> Status:
    return Status(shop)


@pytest.fixture(scope="module")
def fine(shop: Shop, status: Status) -> dict[str, Any]:
    """A shop with some clicks in which everything is fine."""
    now = datetime.now(UTC)
    shop.publish(CLICKS.name, *(click(f"fine-{number}", now, user_id=f"user-{number}") for number in range(100)))
    seen: dict[str, Any] = {}

    def is_fine() -> bool:
        seen.update(status.look())
        return seen["line"] == "ready: everything is fine" and any(row["counted"] for row in seen["messages"])

    wait_until(is_fine, seconds=120, what=lambda: f"everything fine: {seen}")
    return seen


@pytest.fixture(scope="module")
def held(shop: Shop, fine: dict[str, Any]) -> Iterator[dict[str, Producer]]:
    """Transactions of strangers, open since the beginning of the next test, by topic."""
    row = click("held", datetime.now(UTC), user_id="stranger")
    values = {
        CLICKS.name: (HELD, encode(shop.registry.register(CLICKS), CLICKS.schema, row)),
        PRODUCTS.name: (0, encode(shop.registry.register(PRODUCTS), PRODUCTS.schema, product())),
        "event_counts": (0, b"x"),
    }
    producers = {}
    for name, (partition, value) in values.items():
        settings = {"bootstrap.servers": shop.kafka, "transactional.id": f"stranger-{name}"}
        producers[name] = Producer(settings | {"transaction.timeout.ms": 300_000})
        producers[name].init_transactions(30)
        producers[name].begin_transaction()
        producers[name].produce(name, value, b"stranger", partition)
        assert producers[name].flush(30) == 0
    yield producers
    producers.clear()


def test_everything_is_fine(fine: dict[str, Any]) -> None:
    assert (fine["level"], fine["phase"]) == ("ok", "ready")
    assert {fact["name"] for fact in fine["facts"]} == {
        *("process", "kafka", "registry", "service", "taskmanagers", "job", "restarts", "checkpoint"),
        *("watermark", "unread", "schema ids", "open transactions", "late", "dead letters"),
    }
    assert {"topic": CLICKS.name, "read": 100, "counted": 100, "duplicates": 0, "late": 0, "dead": 0} in fine[
        "messages"
    ]


def test_a_service_that_ends_again_and_again_is_named_with_the_reason(
    shop: Shop, status: Status, held: dict[str, Producer]
) -> None:
    for deaths in range(1, 4):
        shop.stack.kill("alerting")
        shop.stack.wait_restarted("alerting", deaths)

    status.wait("process", "alerting", "wrong", "ended 3 times within 10 min.*(SIGKILL|signal 9|killed)")
    status.wait("service", "alerting", "ok")


def test_open_transactions_are_named_with_partition_and_producer(
    shop: Shop, status: Status, held: dict[str, Producer]
) -> None:
    on_input = status.wait("open transactions", CLICKS.name, "warning", rf"partitions {HELD}@\d+: 1 messages behind")
    on_output = status.wait("open transactions", "event_counts", "wrong", "completed checkpoints since")
    versions = status.wait("open transactions", PRODUCTS.name, "warning", "the job waits for its producer")
    status.wait("watermark", PRODUCTS.name, "wrong", "what is joined with it waits")
    behind = status.wait(
        "watermark", "shop_events", "wrong", f"waits for partition {CLICKS.name}-{HELD}.*open transaction"
    )

    assert f"describe-producers --topic {CLICKS.name} --partition {HELD}" in on_input["cure"]
    assert "a-transaction-stays-open" in on_output["cure"]
    assert "a-transaction-stays-open" in versions["cure"]
    assert "a-transaction-stays-open" in behind["cure"]
    held[CLICKS.name].commit_transaction(30)
    held[PRODUCTS.name].commit_transaction(30)
    held["event_counts"].abort_transaction(30)
    status.wait_fine("open transactions", "watermark", "unread")


def test_a_registry_that_is_away_and_the_id_that_is_waited_for(
    shop: Shop, status: Status, fine: dict[str, Any]
) -> None:
    foreign = extended(CLICKS.schema, campaign=["null", "string"])
    answer = httpx.post(
        f"{shop.stack.env['SCHEMA_REGISTRY_URL']}/subjects/foreign/versions", json={"schema": json.dumps(foreign)}
    )
    number = answer.raise_for_status().json()["id"]
    before = counted(shop)
    with stopped(shop.stack, "registry"):
        producer = Producer({"bootstrap.servers": shop.kafka})
        producer.produce(CLICKS.name, encode(number, foreign, click("foreign", datetime.now(UTC)) | {"campaign": None}))
        assert producer.flush(30) == 0
        status.wait("registry", "", "wrong", "does not answer")
        status.wait("schema ids", f"{number} (source shop_events)", "wrong", f"waits for the schema with id {number}")

    status.wait_fine("registry", "schema ids", "unread", "watermark")
    wait_until(lambda: counted(shop) > before, seconds=120, what="the click that waited for its schema")


def test_a_broker_that_is_away_is_named_with_its_address_and_services_follow(
    shop: Shop, status: Status, fine: dict[str, Any]
) -> None:
    with stopped(shop.stack, "kafka"):
        status.wait("kafka", "", "wrong", f"{shop.kafka} does not answer")
        status.wait("service", "alerting", "wrong", r"not ready: broker: Kafka has not answered for \d+ s")

    status.wait_fine("kafka", "service", "job", "checkpoint", "watermark")


def test_checkpoints_that_fail_are_told_with_the_reason(shop: Shop, status: Status, fine: dict[str, Any]) -> None:
    folder = shop.stack.layout.data / "flink" / "checkpoints"
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("no folder")
    try:
        status.wait("checkpoint", JOB, "warning", "one failed .* ago: ")
    finally:
        folder.unlink()
        away.rename(folder)

    status.wait_fine("checkpoint")


def test_late_events_and_dead_letters_that_rise_are_told(shop: Shop, status: Status, fine: dict[str, Any]) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    shop.publish(CLICKS.name, *(click(f"late-{number}", long_ago, user_id=f"user-{number}") for number in range(60)))
    producer = Producer({"bootstrap.servers": shop.kafka})
    for _ in range(60):
        producer.produce("checkouts", b"garbage")
    assert producer.flush(30) == 0

    late = status.wait("late", CLICKS.name, "wrong", r"60 of \d+ messages")
    dead = status.wait("dead letters", "checkouts", "wrong", r"60 of 60 messages \(100.0%\)")

    assert "footfall tail late-events" in late["cure"]
    assert "footfall dead-letters list" in dead["cure"]


def test_a_taskmanager_that_is_gone_and_the_job_that_restarts(shop: Shop, status: Status, fine: dict[str, Any]) -> None:
    killed: list[int] = []

    def kill_again() -> None:
        """Kill the one that came back before anybody looked, which is soon on a machine that is slow to look."""
        with suppress(RuntimeError, ProcessLookupError):
            if len(killed) < RestartPolicy.limit - 1:
                killed.append(shop.stack.kill("taskmanager"))

    status.wait("taskmanagers", "", "wrong", "nothing is computed", first=kill_again)
    status.wait("job", JOB, "wrong", first=kill_again)

    shop.stack.wait_restarted("taskmanager", len(set(killed)))
    status.wait_fine("taskmanagers", "job", "checkpoint", "watermark")
    # Each attempt while there is no TaskManager counts.
    status.wait("restarts", JOB, "warning|wrong", r"\d within 10 min")


def test_a_pause_of_forty_seconds_is_survived(shop: Shop, status: Status, fine: dict[str, Any]) -> None:
    """A laptop's lid: nothing is blocked afterwards, and nothing lost."""
    names = ("kafka", "registry")
    before, started = counted(shop), [shop.stack.status(name) for name in names]
    with stopped(shop.stack, "kafka"), stopped(shop.stack, "registry"):
        time.sleep(40)
    shop.publish(CLICKS.name, click("after", datetime.now(UTC)))

    wait_until(lambda: counted(shop) == before + 1, seconds=120, what="the click after the pause")
    status.wait_fine("kafka", "registry", "job", "checkpoint", "watermark", "unread", "open transactions")
    wait_readable(shop.kafka, seconds=30)
    assert started == [shop.stack.status(name) for name in names]
