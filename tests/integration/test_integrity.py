"""The light against a real broker: a wrong row in any identity's streams turns it red within ten seconds and is named."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import pytest
from confluent_kafka import Producer
from conftest import Backbone
from footfall_analytics.integrity import accounts
from footfall_analytics.integrity.checker import BROKEN, IntegrityChecker
from footfall_analytics.integrity.identities import WINDOWED
from footfall_analytics.integrity.ledger import STREAMS
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.codec import encode, key_of
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json, load_topics, topic

from support.agreeing import HOUR, hour, wrong
from support.kafka import read_topic, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

RED_WITHIN = 10.0
"""Seconds."""
JOB = "footfall"
BEGIN = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
"""A midnight that is whole for a checker which begins now."""
HOURS = {
    identity: BEGIN + HOUR * number
    for number, identity in enumerate(sorted(WINDOWED, key=lambda one: not one.of_midnight))
}
"""Each identity has an hour of its own; that of midnight the first."""


@dataclass
class Light:
    """The checker and the streams it reads."""

    kafka: str
    settings: AnalyticsSettings
    registry: SchemaRegistry

    @cached_property
    def producer(self) -> Producer:
        """What plants rows."""
        return Producer({"bootstrap.servers": self.kafka, "partitioner": "murmur2_random"})

    def publish(self, rows: Iterable[tuple[str, Json]]) -> None:
        """Write rows as the job would, each to its stream."""
        for name, row in rows:
            described = topic(name)
            value = encode(self.registry.register(described), described.schema, row)
            self.producer.produce(self.settings.topic_prefix + name, value, key_of(described, row))
        assert self.producer.flush(30) == 0

    def told(self) -> dict[tuple[str, datetime], Json]:
        """Return what was told last of each identity and window, by where it begins."""
        messages = read_topic(self.kafka, self.registry, "integrity", prefix=self.settings.topic_prefix)
        return {(row.value["identity"], row.value["window_start"]): row.value for row in messages}

    def wait(self, holds: Callable[[], bool], what: str, seconds: float = RED_WITHIN) -> float:
        """Return after how many seconds it was so."""
        began = time.monotonic()
        wait_until(holds, seconds=seconds, what=what)
        return time.monotonic() - began


@pytest.fixture(scope="module")
def light(backbone: Backbone) -> Iterator[Light]:
    settings = AnalyticsSettings(
        KAFKA_BOOTSTRAP_SERVERS=backbone.kafka,
        SCHEMA_REGISTRY_URL=backbone.registry,
        topic_prefix=f"light-{uuid.uuid4().hex[:6]}-",
    )
    ensure_topics(settings.librdkafka(), load_topics().values(), prefix=settings.topic_prefix)
    light = Light(backbone.kafka, settings, SchemaRegistry(backbone.registry))
    checker = IntegrityChecker(settings, [name.replace("-", "_") for name in load_topics()], JOB)
    checker.start()
    agreed = [(name, row) for begin in HOURS.values() for name, rows in hour(begin).items() for row in rows]
    light.publish(agreed)
    light.publish([("progress", _progress(BEGIN + HOUR * (len(HOURS) + 1)))])
    light.wait(lambda: len(light.told()) >= len(WINDOWED), "the first comparison", 60)
    yield light
    checker.stop()
    checker.join()


def test_what_agrees_is_green(light: Light) -> None:
    told = light.told()

    assert {name for name, _ in told} >= {identity.name for identity in WINDOWED}
    assert [row for row in told.values() if not row["holds"]] == []


def test_accounts_that_are_wrong_turn_it_red_too(light: Light) -> None:
    prefix = light.settings.topic_prefix

    def account(**more: int) -> tuple[str, Json]:
        counts = dict.fromkeys(("counted", "duplicates", "late", "dead"), 0) | more
        return accounts.ACCOUNTS, {"topic": f"{prefix}clickstream"} | counts

    light.publish([account()])
    # What was there before is not compared: the growth since a quiet moment is.
    time.sleep(2 * accounts.QUIET + 1)
    light.publish([account(counted=1, late=1, dead=1)])
    names = {identity.name for identity in accounts.IDENTITIES}
    light.wait(lambda: names <= {name for (name, _), row in light.told().items() if not row["holds"]}, "accounts red")


def test_a_wrong_row_of_each_identity_turns_the_light_red_in_ten_seconds_and_is_named(light: Light) -> None:
    planted = {identity: wrong(identity, hour(begin)) for identity, begin in HOURS.items()}
    expected = {(identity.name, begin) for identity, begin in HOURS.items()}

    def red() -> set[tuple[str, datetime]]:
        return {place for place, row in light.told().items() if not row["holds"]}

    light.publish((name, row) for name, row, _ in planted.values())
    took = light.wait(lambda: expected <= red(), f"red: {expected - red()}")
    print(f"{len(expected)} identities were red {took:.1f} s after their wrong rows")
    gauges = {identity.name: BROKEN.labels(identity.name)._value.get() for identity in WINDOWED}
    assert [name for name, number in gauges.items() if not number] == []

    light.publish((name, row) for name, _, row in planted.values())
    light.wait(lambda: not red() & expected, "green again", 30)


def test_every_stream_that_is_compared_is_planted() -> None:
    assert hour(BEGIN).keys() == STREAMS.keys()


def _progress(watermark: datetime) -> Json:
    return {"job": JOB, "watermark": watermark, "checkpoint_id": 1, "completed_at": datetime.now(UTC)}
