"""Ten thousand spoilt messages among good ones: the job does not notice, and every one of them is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeAlias

import pytest
from confluent_kafka import Producer
from footfall_schemas.codec import PoisonMessageError, decode, encode, key_of, schema_id_of
from footfall_schemas.topics import Topic, topic
from footfall_stack.testing import running_stack

from checks.prove.evidence import STREAMS, Evidence, Run
from checks.prove.waiting import JOB, Jobs, wait_quiet
from support.amounts import CURRENCIES
from support.events import click, refund
from support.kafka import read_raw, wait_until
from support.oracle import Row
from support.poison import strange, variants
from support.shop import UNHURRIED, Shop, finish

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(1800)]

POISON = 10_000
VARIANTS = 2 * POISON
"""Up to half of them can be read: a flipped bit of a text makes another text."""
Spoilt: TypeAlias = tuple[str, int, bytes, bytes | None]
"""Topic, partition, key and value."""
SEED = 5
BEGIN = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
"""A day ago: a flipped bit of a time lands clearly before or clearly after now."""
LAG, LAGGING, ROUNDS = timedelta(minutes=10), 2, 60
SIZE = ("--duration", "4m", "--shop-rate", "20", "--users", "500", "--products", "30", "--seed", str(SEED))
MONEY = ("--currencies", ",".join(CURRENCIES), "--refund-share", "0.5")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    env = {**UNHURRIED, "ANALYTICS_PARALLELISM": "1"}
    with running_stack(tmp_path_factory.mktemp("poison"), ["analytics"], env=env) as stack:
        yield Shop(stack)


@pytest.fixture(scope="module")
def evidence(shop: Shop) -> Evidence:
    """Publish good events, spoil ten thousand copies of some while more are published, and wait for the end."""
    _publish_lagging(shop)
    _publish_refunds(shop)
    shop.generate(*SIZE, *MONEY, "--start", BEGIN.isoformat())
    # From here on what is of the year 1 is late, as it always is but before the very first event.
    wait_until(lambda: bool(shop.read("event_counts")), seconds=300, what="the first committed minute")
    later = (BEGIN + timedelta(minutes=4)).isoformat()
    more = shop.begin("generate", "--rate", "max", *SIZE, *MONEY, "--start", later)
    kept_back = _publish_spoilt(shop)
    finish(more)
    _publish_raw(shop, kept_back)
    _close(shop)
    wait_quiet(Jobs(shop))
    return Evidence(shop, Run("poison", currencies=CURRENCIES))


def _publish_lagging(shop: Shop) -> None:
    """Publish clicks of which one partition's are always ten minutes older than the others'."""
    described, producer = topic("clickstream"), Producer({"bootstrap.servers": shop.kafka})
    schema_id = shop.registry.register(described)
    for step in range(ROUNDS):
        for partition in range(described.partitions):
            when = (
                BEGIN
                - timedelta(hours=1)
                + timedelta(seconds=20 * step)
                - (LAG if partition == LAGGING else timedelta())
            )
            row = click(f"lag-{partition}-{step}", when, user_id=f"lag-{partition}")
            producer.produce(
                described.name, encode(schema_id, described.schema, row), key_of(described, row), partition
            )
    assert producer.flush(30) == 0


def _publish_refunds(shop: Shop) -> None:
    """Publish a refund in each currency: within minutes the simulated shop may refund nothing in one of them."""
    described, producer = topic("refunds"), Producer({"bootstrap.servers": shop.kafka})
    schema_id = shop.registry.register(described)
    for currency in CURRENCIES:
        row = refund(f"in-{currency}", BEGIN, currency=currency)
        producer.produce(described.name, encode(schema_id, described.schema, row), key_of(described, row))
    assert producer.flush(30) == 0


def _publish_spoilt(shop: Shop) -> list[Spoilt]:
    """Publish the variants of the newest message of each partition; return those that would move the clock far on."""
    rng, originals = Random(SEED), []
    for name in STREAMS:
        newest = {message.partition(): message for message in read_raw(shop.kafka, name)}
        originals += [newest[partition] for partition in sorted(newest)]
    share = VARIANTS // len(originals) + 1
    spoilt: list[Spoilt] = []
    kept_back: list[Spoilt] = []
    for original in originals:
        described, value = topic(original.topic()), original.value()
        row, origin = decode(value, described.schema), str(original.partition())
        odd = strange(schema_id_of(value), described.schema, row, datetime.now(UTC), origin)
        for variant in (*odd, *variants(value, rng, share)):
            message = (described.name, original.partition(), original.key(), variant)
            (kept_back if _moves_clock(described, variant) else spoilt).append(message)
    _publish_raw(shop, spoilt)
    return kept_back


def _moves_clock(described: Topic, variant: bytes | None) -> bool:
    try:
        when: datetime = decode(variant or b"", described.schema)["event_time"]
    except PoisonMessageError:
        return False
    return BEGIN + timedelta(minutes=8) < when < datetime.now(UTC)


def _publish_raw(shop: Shop, messages: list[tuple[str, int, bytes, bytes | None]]) -> None:
    producer = Producer({"bootstrap.servers": shop.kafka, "message.max.bytes": 2_000_000})
    for name, partition, key, value in messages:
        producer.produce(name, value, key, partition)
        producer.poll(0)
    assert producer.flush(60) == 0


def _close(shop: Shop) -> None:
    """Publish an event for each partition, later than all others."""
    closing = {"event_time": datetime.now(UTC).replace(microsecond=0)}
    for name in STREAMS:
        described = topic(name)
        row: Row = shop.read(name)[-1].value | closing
        producer = Producer({"bootstrap.servers": shop.kafka})
        for partition in range(described.partitions):
            changed = row | {
                field: f"closing-{partition}" for field in row if field.endswith("_id") and field in described.key
            }
            identity = next(iter(row))
            message = encode(
                shop.registry.register(described), described.schema, changed | {identity: f"closing-{partition}"}
            )
            producer.produce(name, message, key_of(described, changed), partition)
        assert producer.flush(30) == 0


def test_every_output_equals_the_independent_computation(evidence: Evidence) -> None:
    wrong = [verdict for verdict in evidence.verdicts() if not verdict.holds]

    assert len(evidence.poison) >= POISON
    assert wrong == []


def test_a_partition_ten_minutes_behind_loses_nothing(shop: Shop, evidence: Evidence) -> None:
    late = {message.value["event_id"] for message in shop.read("late-events")}
    counted = {row["event_id"] for row in evidence.oracle.facts.clicks if row["event_id"].startswith("lag-")}

    assert len(counted) == ROUNDS * topic("clickstream").partitions
    assert not late & counted


def test_the_job_never_failed_and_dropped_nothing(shop: Shop, evidence: Evidence) -> None:
    jobs = shop.flink.jobs(JOB)

    assert [job.is_up for job in jobs] == [True]
    assert shop.flink.root_exception(jobs[0].id) == ""
    wait_until(lambda: bool(Jobs(shop).dropped()), seconds=60, what="the window operators' metrics")
    assert set(Jobs(shop).dropped().values()) == {0}
