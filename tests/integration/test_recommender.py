"""The recommender as a process, against a real Kafka."""

import math
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from footfall_schemas import codec
from footfall_schemas.provision import empty_topics, ensure_recorded
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic

from .workbench import Broker, Service, free_port, until

pytestmark = pytest.mark.stack

RELATED = topic("related-products")


def ranking(product_id: str, *related: str, **fields: Any) -> dict[str, Any]:
    items = [
        {"product_id": name, "score": 1 / rank, "support": 9, "rank": rank} for rank, name in enumerate(related, 1)
    ]
    return {"product_id": product_id, "as_of": datetime(2026, 3, 1, tzinfo=UTC), "related": items[::-1]} | fields


class Bench:
    """A broker's corner and recommenders that end with the test."""

    def __init__(self, backbone: Any, log: Path) -> None:
        self.broker = Broker(backbone.kafka, backbone.registry)
        self.env: dict[str, str] = backbone.env | {"RECOMMENDER_TOPIC_PREFIX": self.broker.prefix}
        self.log = log
        self.services: list[Service] = []
        self.topic = self.broker.create(RELATED.name, RELATED.partitions)
        self.schema_id = SchemaRegistry(backbone.registry).register(RELATED)

    def value(self, *names: str, **fields: Any) -> bytes:
        return codec.encode(self.schema_id, RELATED.schema, ranking(*names, **fields))

    def service(self) -> Service:
        port = free_port()
        service = Service("footfall_recommender", port, self.env | {"RECOMMENDER_PORT": str(port)}, self.log)
        self.services.append(service)
        service.start()
        return service


@pytest.fixture
def bench(backbone: Any, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(backbone, tmp_path / "recommender.log")
    yield bench
    for service in bench.services:
        service.stop()
    bench.broker.clean()


def related(service: Service, product_id: str) -> list[str]:
    items = service.get(f"/v1/products/{product_id}/related?limit=3").json()["items"]
    return [item["product_id"] for item in items]


def hears(service: Service, product_id: str, *expected: str) -> bool:
    return related(service, product_id) == list(expected)


def test_every_worker_holds_the_whole_topic_and_follows_it(bench: Bench) -> None:
    with bench.broker.transaction() as producer:
        for number in range(300):
            producer.produce(bench.topic, bench.value(f"p{number}", "old"), f"p{number}")
        for number in range(300):
            producer.produce(bench.topic, bench.value(f"p{number}", "a", "b", "c", "d"), f"p{number}")
        producer.produce(bench.topic, b"poison", "p7")
        producer.produce(bench.topic, None, "p8")
    with suppress(ZeroDivisionError), bench.broker.transaction() as producer:
        producer.produce(bench.topic, bench.value("p9", "aborted"), "p9")
        raise ZeroDivisionError
    workers = [bench.service(), bench.service()]

    for worker in workers:
        worker.ready()
        # Ready means complete: no second chance.
        answers = [related(worker, f"p{number}") for number in range(300) if number != 8]
        assert answers == [["a", "b", "c"]] * 299
        assert related(worker, "p8") == []
    letters = bench.broker.read(bench.broker.prefix + "recommender-dead-letters")
    assert [letter.value() for letter in letters] == [b"poison", b"poison"]

    bench.broker.produce(bench.topic, bench.value("p1", "new"), key=b"p1")

    for worker in workers:
        until("the update is answered", partial(hears, worker, "p1", "new"), 10)
        assert worker.end() == 0
    assert all(bench.broker.committed(group, bench.topic) < 0 for group in bench.broker.groups())


def test_no_readable_record_ends_it(bench: Bench) -> None:
    endless = {"product_id": "a", "score": math.inf, "support": 1, "rank": 1}
    for number, year in enumerate((1, 1970, 2001, 2046, 9999)):
        value = bench.value(f"p{number}", "a", "b", as_of=datetime(year, 1, 1, tzinfo=UTC))
        bench.broker.produce(bench.topic, value, key=f"p{number}".encode())
    bench.broker.produce(bench.topic, bench.value("p5", related=[endless]), key=b"p5")
    bench.broker.produce(bench.topic, bench.value("p6", "b", related=[]), key=b"p6")
    bench.broker.produce(bench.topic, None, None, key=b"\xff")
    bench.broker.produce(bench.topic, None, bench.value("", "\0", "\U0010ffff"))
    worker = bench.service()

    worker.ready()

    assert [related(worker, f"p{number}") for number in range(7)] == [["a", "b"]] * 5 + [[]] * 2
    assert worker.get("/v1/products/p0/related").json()["as_of"] == "0001-01-01T00:00:00.000Z"
    assert worker.get("/health/ready").json()["checks"]["records"] == {
        "ok": True,
        "detail": "no partition is paused",
        "caution": False,
    }
    letters = bench.broker.read(bench.broker.prefix + "recommender-dead-letters")
    stages = {dict(letter.headers() or [])["stage"] for letter in letters}
    # The score that is no number, and two tombstones whose key is no text.
    assert (len(letters), stages) == (3, {b"decode"})
    assert worker.end() == 0


def test_it_starts_before_anything_was_written(bench: Bench) -> None:
    worker = bench.service()

    worker.ready()

    assert related(worker, "p1") == []
    checks = worker.get("/health/ready").json()["checks"]
    assert checks["catalog"]["ok"]


def test_without_kafka_it_is_alive_and_not_ready(bench: Bench) -> None:
    bench.env["KAFKA_BOOTSTRAP_SERVERS"] = f"127.0.0.1:{free_port()}"
    worker = bench.service()

    until("it is alive", lambda: worker.get("/health/live").status_code == 200)

    ready = worker.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["catalog"] == {"ok": False, "detail": "waiting for Kafka", "caution": False}
    assert worker.end() == 0


def test_a_seed_fills_up_what_is_live_and_goes_when_a_replay_begins(bench: Bench) -> None:
    seed = f"{bench.broker.prefix}recorded-{RELATED.name}"
    client = {"bootstrap.servers": bench.broker.kafka}
    ensure_recorded(client, [RELATED], prefix=bench.broker.prefix)
    bench.broker.produce(bench.topic, bench.value("p1", "a", "b"), key=b"p1")
    for name in ("p1", "p2", "p3"):
        bench.broker.produce(seed, bench.value(name, "b", "c"), key=name.encode())
    bench.broker.produce(seed, None, key=b"p3")
    unseeded = bench.service()
    bench.env["RECOMMENDER_SEED"] = "true"
    worker = bench.service()

    unseeded.ready()
    worker.ready()
    assert [related(unseeded, name) for name in ("p1", "p2", "p3")] == [["a", "b"], [], []]
    assert [related(worker, name) for name in ("p1", "p2", "p3")] == [["a", "b", "c"], ["b", "c"], []]

    # What a replay begins with, and then writes.
    empty_topics(client, [seed])
    until("the old seed is gone", partial(hears, worker, "p2"), 15)
    bench.broker.produce(seed, bench.value("p3", "d"), key=b"p3")
    until("the new seed is answered", partial(hears, worker, "p3", "d"), 10)
    assert related(worker, "p1") == ["a", "b"]

    # A start over a topic that holds deleted records alone waits for none of them.
    bench.broker.produce(seed, *[None] * 3, key=b"p9")
    empty_topics(client, [seed])
    late = bench.service()
    late.ready()
    assert [related(late, name) for name in ("p1", "p3")] == [["a", "b"], []]
    assert late.get("/health/ready").json()["checks"]["seed"]["ok"]
