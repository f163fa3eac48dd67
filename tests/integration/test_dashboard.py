"""The live page as a process, against a real Kafka and registry."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer
from footfall_schemas import codec
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic
from footfall_stack.testing import running_stack

from .workbench import Broker, Service, free_port, until

pytestmark = pytest.mark.stack

MINUTE = timedelta(minutes=1)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
MONEY = ("gross", "discount", "shipping", "revenue", "refunds", "net_revenue", "profit")
CART = {"products_in_cart": 1, "product_ids": ["p"], "value": []}


def window(minutes_ago: int) -> dict[str, datetime]:
    start = NOW - minutes_ago * MINUTE
    return {"window_start": start, "window_end": start + MINUTE}


def revenue(minutes_ago: int, amount: str, currency: str = "EUR") -> dict[str, Any]:
    counts = dict.fromkeys(("orders", "units", "failed_payments"), 1)
    return window(minutes_ago) | dict.fromkeys(MONEY, Decimal(amount)) | counts | {"currency": currency}


def events(minutes_ago: int, number: int) -> dict[str, Any]:
    return window(minutes_ago) | {"action": "page_view", "source": "website", "events": number}


class Bench:
    """A broker's corner and one live page, which ends with the test."""

    def __init__(self, kafka: str, registry: str, env: dict[str, str], log: Path) -> None:
        self.broker = Broker(kafka, registry)
        self.registry = SchemaRegistry(registry)
        port = free_port()
        own = {"DASHBOARD_TOPIC_PREFIX": self.broker.prefix, "DASHBOARD_PORT": str(port)}
        self.page = Service("footfall_dashboard", port, env | own, log)

    def create(self, *names: str) -> None:
        for name in names:
            self.broker.create(name, topic(name).partitions)

    def put(self, producer: Producer, name: str, *rows: dict[str, Any]) -> None:
        described = topic(name)
        schema_id = self.registry.register(described)
        for row in rows:
            value = codec.encode(schema_id, described.schema, row)
            producer.produce(self.broker.prefix + name, value, codec.key_of(described, row))

    def commit(self, name: str, *rows: dict[str, Any]) -> None:
        with self.broker.transaction() as producer:
            self.put(producer, name, *rows)

    def panel(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.page.get(f"/v1/panels/{name}").json()
        return found

    def shows(self, name: str, *cells: Any, column: int) -> bool:
        return [row[column] for row in self.panel(name)["rows"] if row[column] not in {0, "0"}] == list(cells)

    def is_in(self, name: str, state: str) -> bool:
        return bool(self.panel(name)["state"] == state)


@pytest.fixture
def bench(backbone: Any, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(backbone.kafka, backbone.registry, backbone.env, tmp_path / "dashboard.log")
    yield bench
    bench.page.stop()
    bench.broker.clean()


def test_committed_rows_appear_and_aborted_ones_do_not(bench: Bench) -> None:
    bench.create("revenue_per_minute", "event_counts", "abandoned_carts")
    bench.commit("revenue_per_minute", revenue(5, "10.5"), revenue(4, "1"), revenue(4, "7", "SEK"))
    bench.commit("event_counts", events(5, 10), events(1, 20))
    with suppress(ZeroDivisionError), bench.broker.transaction() as producer:
        bench.put(producer, "revenue_per_minute", revenue(3, "666"))
        raise ZeroDivisionError
    bench.broker.produce(f"{bench.broker.prefix}revenue_per_minute", b"poison")
    bench.page.start()

    bench.page.ready()

    # Ready means that all is there: no second chance.
    first = bench.panel("money")
    amounts = [(row[1], row[2]) for row in first["rows"] if row[2] != "0"]
    assert amounts == [("EUR", "10.500000"), ("EUR", "1.000000"), ("SEK", "7.000000")]
    assert first["state"] == "live"
    assert [row[2] for row in bench.panel("now")["rows"] if row[0] == "Events per second"] == [round(20 / 60, 2)]

    with httpx.stream("GET", f"http://127.0.0.1:{bench.page.port}/v1/stream", trust_env=False, timeout=30) as stream:
        lines = stream.iter_lines()
        bench.commit("revenue_per_minute", revenue(5, "11"), revenue(2, "2"))
        session = {"user_id": "u", "session_start": NOW - 45 * MINUTE, "session_end": NOW - 40 * MINUTE}
        bench.commit("abandoned_carts", session | CART)
        told = (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
        newest = next(each for each in told if each.get("id") == "money" and each["version"] > first["version"])
    assert [row[2] for row in newest["rows"] if row[1] == "EUR" and row[2] != "0"] == [
        "11.000000",
        "1.000000",
        "2.000000",
    ]
    until("the cart is shown", partial(bench.shows, "abandoned_carts", 1, column=1), 15)

    unreadable = bench.page.get("/metrics").text
    assert "footfall_dashboard_unreadable_messages_total 1.0" in unreadable
    assert bench.page.end() == 0
    assert bench.broker.groups() == []


def test_topics_come_go_and_are_made_anew(bench: Bench) -> None:
    bench.create("revenue_per_minute")
    bench.commit("revenue_per_minute", revenue(2, "5"))
    bench.page.start()
    bench.page.ready()
    assert bench.panel("visitors_per_minute")["why"] == (
        "Kafka has no topic unique_visitors: start analytics, and let ANALYTICS_VIEWS publish it."
    )

    bench.create("unique_visitors")
    bench.commit("unique_visitors", window(2) | {"visitors": 7})
    until("the new topic is shown", partial(bench.shows, "visitors_per_minute", 7, column=1), 20)

    name = f"{bench.broker.prefix}revenue_per_minute"
    for future in bench.broker.admin.delete_topics([name]).values():
        future.result(60)
    until("it is said to be gone", partial(bench.is_in, "money", "empty"), 20)
    assert "Kafka has no topic revenue_per_minute" in bench.panel("money")["why"]

    bench.create("revenue_per_minute")
    bench.commit("revenue_per_minute", revenue(1, "6"))
    until("it is read anew", partial(bench.shows, "money", "6.000000", column=2), 20)


def test_what_is_compacted_is_the_newest_of_each_key(bench: Bench) -> None:
    bench.create("top_categories")
    name = f"{bench.broker.prefix}top_categories"
    bench.commit("top_categories", *({"category": key, "purchases": number} for number, key in enumerate("abca", 1)))
    bench.broker.produce(name, None, key=b"b")
    bench.page.start()
    bench.page.ready()

    assert bench.panel("top_categories")["rows"] == [["a", 4], ["c", 3]]
    bench.broker.produce(name, None, key=b"a")
    until("the deletion is shown", partial(bench.shows, "top_categories", 3, column=1), 15)


def test_without_kafka_it_is_alive_and_says_so(bench: Bench) -> None:
    bench.page.env["KAFKA_BOOTSTRAP_SERVERS"] = f"127.0.0.1:{free_port()}"
    bench.page.start()

    until("it says so", partial(bench.is_in, "money", "stale"), 30)

    assert "Kafka has not answered since" in bench.panel("money")["why"]
    assert bench.page.get("/health/live").status_code == 200
    assert bench.page.get("/health/ready").status_code == 503
    assert bench.page.end() == 0


def test_a_broker_that_was_killed_is_said_to_be_away_until_it_is_back(tmp_path: Path) -> None:
    with running_stack(tmp_path / "stack", ["kafka", "registry"]) as stack:
        env = stack.env
        bench = Bench(env["KAFKA_BOOTSTRAP_SERVERS"], env["SCHEMA_REGISTRY_URL"], env, tmp_path / "dashboard.log")
        bench.create("revenue_per_minute")
        bench.commit("revenue_per_minute", revenue(3, "5"))
        bench.page.start()
        try:
            bench.page.ready()
            stack.kill("kafka")
            stack.stop()
            until("it is stale", partial(bench.is_in, "money", "stale"), 30)
            away = bench.panel("money")
            assert "Kafka has not answered since" in away["why"]
            assert away["since"] is not None
            assert [row[2] for row in away["rows"] if row[2] != "0"] == ["5.000000"]

            stack.start(["kafka", "registry"])
            stack.wait_ready()
            until("it is live again", partial(bench.is_in, "money", "live"), 60)
            bench.commit("revenue_per_minute", revenue(2, "6"))
            until("it goes on", partial(bench.shows, "money", "5.000000", "6.000000", column=2), 30)
        finally:
            bench.page.stop()
