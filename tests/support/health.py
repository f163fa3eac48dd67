"""A shop in which everything is fine, to be spoilt by one thing at a time."""

from dataclasses import replace
from typing import Any

from footfall_health.facts import Fact
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import (
    Accounts,
    Broker,
    Cluster,
    Job,
    Observation,
    Partition,
    Process,
    Service,
    Source,
    Totals,
)
from footfall_health.watched import Limits, Watched

AT = 1_800_000_000.0
INPUTS = {"clickstream": "shop_events", "checkouts": "shop_events", "inventory-updates": "inventory_updates"}
WATCHED = Watched(
    flink="http://flink",
    kafka={"bootstrap.servers": "broker:9092"},
    registry="http://registry",
    jobs={"footfall": 1.0},
    inputs=INPUTS,
    groups={"shop_events": "footfall-shop_events", "inventory_updates": "footfall-inventory_updates"},
    outputs=("revenue_per_minute", "late-events"),
    accounts="event_accounting",
    transaction_timeout=900.0,
    quiet=75.0,
    limits=Limits(),
    versions={"products": "products"},
)
SOURCES = (
    Source("shop_events", AT - 8, slowest="clickstream-1"),
    Source("inventory_updates", AT - 70, quiet=2),
)
READS = frozenset(source.table for source in SOURCES)
JOB = Job("footfall", "RUNNING", AT - 3600, 100, 100, completed=AT - 1, reads=READS, sources=SOURCES)
PARTITIONS = tuple(
    Partition(topic, number, end=1000, stable=1000, read=995 if topic in INPUTS else None)
    for topic in WATCHED.topics
    for number in (0, 1)
)
ACCOUNTS = Accounts(
    now=(Totals("clickstream", AT - 10, 1900, 5, 10, 1),), before=(Totals("clickstream", AT - 320, 900, 2, 5, 0),)
)
FINE = Observation(
    at=AT,
    flink=Cluster(1, (JOB,)),
    broker=Broker(PARTITIONS),
    registry=0.01,
    accounts=ACCOUNTS,
    services={"alerting": Service(ready=True, detail="")},
    processes=(Process("kafka", "ready", AT - 3600), Process("generator", "finished", AT - 3600)),
)


def seen(**changes: Any) -> Observation:
    return replace(FINE, **changes)


def seen_job(taskmanagers: int = 1, **changes: Any) -> Observation:
    return seen(flink=Cluster(taskmanagers, (replace(JOB, **changes),)))


def seen_source(**changes: Any) -> Observation:
    return seen_job(sources=(replace(SOURCES[0], **changes), SOURCES[1]))


def seen_partition(topic: str, number: int, **changes: Any) -> Observation:
    return seen(
        broker=Broker(
            tuple(
                replace(each, **changes) if (each.topic, each.number) == (topic, number) else each
                for each in PARTITIONS
            )
        )
    )


def bad(observation: Observation, memory: Memory | None = None) -> list[Fact]:
    """What is not as it should be."""
    return [fact for fact in judge(observation, WATCHED, memory or Memory()) if fact.level != "ok"]


def only(observation: Observation, memory: Memory | None = None) -> Fact:
    """The one fact that is not as it should be."""
    (fact,) = bad(observation, memory)
    return fact
