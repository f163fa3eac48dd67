"""What is late is decided by the events, not by how fast this machine is: slow starts, slow brokers, pauses, fast clocks."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions
from footfall_schemas.codec import encode
from footfall_schemas.topics import RECORDED, topic
from footfall_stack.testing import running_stack

from checks.prove.waiting import Jobs
from support.events import checkout
from support.kafka import wait_until
from support.live import CLICKS, Clicks, counted, late, wait_counted
from support.shop import Shop
from support.strain import busy_loops, pause, slow_fetches

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(3600)]


@dataclass(frozen=True)
class Strain:
    """How hard it is made."""

    rows: int
    """Of history, and of a recorded file."""
    loops: int
    """Busy, beside what is tested."""
    pause: float
    """Seconds that a process stands still."""


STRAIN = Strain(110_300, 28, 40) if os.environ.get("FOOTFALL_FULL_STRAIN") else Strain(20_000, 1, 12)
"""`make prove` sets the variable."""
HASTY = {"ANALYTICS_IDLE_TIMEOUT": "300ms"}
"""A timeout that every fetch of a busy machine exceeds: if idleness did not look at lag, most of a backlog would be late."""
BEGIN = 1_511_539_200
SLOW = 1_000_000
"""Bytes per second that the broker serves."""
IDLE_TIMEOUT, QUIET_MARGIN = 10, 5
"""Seconds."""
SLACK = 30
"""Seconds that a busy machine may take longer."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    env = {
        "ANALYTICS_VIEWS": "event_counts,late_events,attributed_checkouts,event_accounting",
        "ANALYTICS_QUIET_MARGIN": f"{QUIET_MARGIN}s",
        "ANALYTICS_PARALLELISM": "1",
    }
    with running_stack(tmp_path_factory.mktemp("lateness"), ["kafka", "registry"], env=env) as stack:
        yield Shop(stack)


@pytest.fixture(scope="module")
def clicks(shop: Shop) -> Clicks:
    return Clicks(shop, "click")


@pytest.fixture(scope="module")
def hasty(shop: Shop, clicks: Clicks) -> None:
    """Let the job find half an hour of clicks in order of time, beside busy loops and slow fetches."""
    begin = datetime.now(UTC) - timedelta(minutes=32)
    for number in range(STRAIN.rows):
        clicks.send(number % CLICKS.partitions, begin + timedelta(minutes=30) * number / STRAIN.rows)
    clicks.flush()
    with slow_fetches(shop.stack, SLOW), busy_loops(STRAIN.loops):
        _start(shop, HASTY)
        wait_counted(shop, STRAIN.rows)


@pytest.fixture(scope="module")
def running(shop: Shop, hasty: None) -> None:
    """Go on with the idle timeout that a shop has."""
    _start(shop, {})


def _start(shop: Shop, env: dict[str, str]) -> None:
    shop.stack.stop()
    shop.stack.start(["analytics"], env=env)
    shop.stack.wait_ready()
    Jobs(shop).wait_up()


def test_a_fresh_start_finds_no_history_late_on_a_slow_machine(shop: Shop, hasty: None) -> None:
    assert late(shop) == []
    assert counted(shop) == STRAIN.rows


def test_a_replay_in_order_of_time_has_nothing_late_on_a_slow_machine(shop: Shop, hasty: None, tmp_path: Path) -> None:
    file, rows = tmp_path / "userbehavior.csv", range(STRAIN.rows)
    file.write_text("".join(f"{n % 977},{n % 500},{n % 9},pv,{BEGIN + n // 20}\n" for n in rows))
    before = counted(shop)

    with busy_loops(STRAIN.loops):
        said = shop.run("replay", str(file))

    assert late(shop, prefix=RECORDED) == []
    assert counted(shop, prefix=RECORDED) == STRAIN.rows
    assert "were late" not in said
    assert counted(shop) == before


def test_processes_that_stand_still_make_nothing_late_and_lose_nothing(
    shop: Shop, clicks: Clicks, running: None
) -> None:
    before, published = counted(shop), clicks.published
    with clicks.going_on():
        time.sleep(3)
        for name in ("taskmanager", "kafka"):
            pause(shop.stack, name, STRAIN.pause)
            time.sleep(3)
    wait_counted(shop, before + clicks.published - published)

    assert late(shop) == []
    assert counted(shop) == before + clicks.published - published


def test_events_of_an_added_partition_are_in_time(shop: Shop, clicks: Clicks, running: None) -> None:
    before, published = counted(shop), clicks.published
    admin = AdminClient({"bootstrap.servers": shop.kafka})
    with clicks.going_on():
        time.sleep(2)
        added = NewPartitions(CLICKS.name, CLICKS.partitions + 1)
        admin.create_partitions([added])[CLICKS.name].result(30)
        clicks.wait_for_partitions(CLICKS.partitions + 1)
        for _ in range(30):
            clicks.send(CLICKS.partitions, datetime.now(UTC))
            time.sleep(0.1)
    wait_counted(shop, before + clicks.published - published)

    assert late(shop) == []
    assert any(message.partition == CLICKS.partitions for message in shop.read(CLICKS.name))

    status = ""

    def is_told() -> bool:
        # Within its two seconds a busy machine may not answer each time.
        nonlocal status
        status, _ = shop.begin("status").communicate()
        return re.search(rf"{CLICKS.name} +{clicks.published:,} ", status) is not None

    wait_until(is_told, seconds=120, what=lambda: f"status tells of {clicks.published:,} clicks:\n{status}")


def test_a_fast_clock_makes_nobody_else_late_and_a_quiet_shop_gets_its_last_minute(
    shop: Shop, clicks: Clicks, running: None
) -> None:
    early, before, published = 120, counted(shop), clicks.published
    with clicks.going_on():
        for number in range(early):
            # Local time that somebody took for UTC.
            clicks.send(number % CLICKS.partitions, datetime.now(UTC) + timedelta(minutes=59, seconds=50))
        time.sleep(8)
    last, begin = datetime.now(UTC), time.monotonic()
    wait_counted(shop, before + clicks.published - published - early)
    took = time.monotonic() - begin

    assert late(shop) == []
    assert took < (60 - last.second) + IDLE_TIMEOUT + QUIET_MARGIN + SLACK


def test_what_a_producer_takes_back_is_never_counted(shop: Shop, running: None) -> None:
    described = topic("checkouts")
    schema_id = shop.registry.register(described)
    producer = Producer({"bootstrap.servers": shop.kafka, "transactional.id": "shop", "transaction.timeout.ms": 60_000})
    producer.init_transactions()

    def write(checkout_id: str, price: str) -> None:
        row = checkout(checkout_id, datetime.now(UTC), unit_price=Decimal(price))
        producer.produce(described.name, encode(schema_id, described.schema, row), b"ann")
        assert producer.flush(30) == 0

    producer.begin_transaction()
    write("taken-back", "777.00")
    producer.abort_transaction(30)
    producer.begin_transaction()
    write("kept", "5.00")
    # Longer than any idle timeout: what is in it waits, and is in time all the same.
    time.sleep(IDLE_TIMEOUT + 3)
    producer.commit_transaction(30)
    wait_until(lambda: bool(_checkouts(shop)), seconds=60, what="the checkout that was committed")

    assert _checkouts(shop) == ["kept"]
    assert late(shop) == []


def _checkouts(shop: Shop) -> list[str]:
    return [message.value["checkout_id"] for message in shop.read("attributed_checkouts")]
