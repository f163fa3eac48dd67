"""The generator against a real broker and registry."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from conftest import Backbone
from footfall_chassis.settings import ConnectionSettings
from footfall_generator.events.streams import DIMENSION_TOPICS, EVENT_TOPICS
from footfall_generator.replay.replay import replay_file
from footfall_schemas.registry import SchemaRegistry

from support import retail
from support.kafka import read_raw, read_topic, wait_until

pytestmark = pytest.mark.stack

SHOP = ("--users", "50", "--products", "20", "--start", "2026-01-01T00:00:00Z", "--rate", "max", "--shop-rate", "5")
PAYMENTS = ("--refund-share", "1", "--currencies", "EUR,SEK")
BEHAVIORS = """\
1,11,7,pv,1511544030
2,12,8,cart,1511544010
1,13,7,buy,1511544030
oops
3,14,9,fav,1511544020
"""


@pytest.fixture
def prefix(backbone: Backbone, request: pytest.FixtureRequest) -> Iterator[str]:
    prefix = f"t-{os.getpid()}-{abs(hash(request.node.name)) % 10_000}-"
    yield prefix
    admin = AdminClient({"bootstrap.servers": backbone.kafka})
    names = [name for name in admin.list_topics(timeout=30).topics if name.startswith(prefix)]
    for future in admin.delete_topics(names).values() if names else ():
        future.result()


def _generate(backbone: Backbone, *options: str) -> str:
    return _run(backbone, "import typer; from footfall_generator.cli import generate; typer.run(generate)", *options)


def _publish(backbone: Backbone, *options: str) -> str:
    return _run(
        backbone, "import typer; from footfall_generator.publish_cli import publish; typer.run(publish)", *options
    )


def _run(backbone: Backbone, program: str, *options: str) -> str:
    command = [sys.executable, "-c", program, *options]
    done = subprocess.run(command, env=os.environ | backbone.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_ledger_is_what_the_topics_hold(backbone: Backbone, prefix: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    faults = ("--late", "5", "--duplicates", "5", "--poison", "5", "--out-of-order", "5", "--close-windows")

    printed = _generate(
        backbone, *SHOP, *PAYMENTS, "--events", "3000", *faults, "--topic-prefix", prefix, "--ledger", str(ledger)
    )

    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    for name in (*EVENT_TOPICS, *DIMENSION_TOPICS):
        noted = [line for line in lines if line["topic"] == name]
        held = read_raw(backbone.kafka, prefix + name)
        assert Counter(line["partition"] for line in noted) == Counter(message.partition() for message in held)
        for partition in range(4):
            assert [line["key"].encode() for line in noted if line["partition"] == partition] == [
                message.key() for message in held if message.partition() == partition
            ]
    kinds = {line["fault"] for line in lines if line["topic"] == "refunds"}
    assert {"normal", "duplicate", "poison"} <= kinds
    assert f"{len(lines):,} of {len(lines):,} messages acknowledged" in printed


def test_the_same_seed_and_start_write_the_same_bytes(backbone: Backbone, prefix: str) -> None:
    for run in "ab":
        _generate(backbone, *SHOP, *PAYMENTS, "--events", "2000", "--topic-prefix", f"{prefix}{run}-")

    for name in EVENT_TOPICS:
        one, other = (
            [(message.partition(), message.value()) for message in read_raw(backbone.kafka, f"{prefix}{run}-{name}")]
            for run in "ab"
        )
        assert one
        assert one == other


def test_a_restarted_service_repeats_neither_history_nor_ids(backbone: Backbone, prefix: str) -> None:
    settings = {"GENERATOR_TOPIC_PREFIX": prefix, "GENERATOR_USERS": "50", "GENERATOR_PRODUCTS": "20"}
    registry = SchemaRegistry(backbone.registry)

    def serve(more: int) -> list[str]:
        before = len(_clicks())
        command = [sys.executable, "-m", "footfall_generator"]
        with subprocess.Popen(command, env=os.environ | backbone.env | settings, stdout=subprocess.DEVNULL) as service:
            try:
                wait_until(lambda: len(_clicks()) >= before + more, seconds=180, what=f"{more} clicks more")
            finally:
                service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=5) == 0
        return _clicks()[before:]

    def _clicks() -> list[str]:
        if (
            prefix + "clickstream"
            not in AdminClient({"bootstrap.servers": backbone.kafka}).list_topics(timeout=30).topics
        ):
            return []
        rows = read_topic(backbone.kafka, registry, "clickstream", prefix=prefix)
        return [message.value["event_id"] for message in rows]

    serve(more=25_000)
    serve(more=50)

    ids = _clicks()
    assert len(set(ids)) == len(ids)
    assert len(ids) < 40_000
    for name, rows in (("users", 50), ("categories", 20)):
        assert len(read_raw(backbone.kafka, prefix + name)) == rows


@pytest.mark.parametrize("order", ["time", "file"])
def test_a_replayed_file_arrives_completely(backbone: Backbone, prefix: str, tmp_path: Path, order: str) -> None:
    sample, categories = tmp_path / "sample.csv", tmp_path / "categories.csv"
    sample.write_text(BEHAVIORS)
    categories.write_text("category_id,parent_category_name\n7,Shoes\n")
    connection = ConnectionSettings(kafka_bootstrap_servers=backbone.kafka, schema_registry_url=backbone.registry)
    registry = SchemaRegistry(backbone.registry)

    result = replay_file(
        sample,
        connection=connection,
        topic_prefix=prefix,
        order=order,  # type: ignore[arg-type]
        categories=categories,
    )

    held = {
        name: read_topic(backbone.kafka, registry, name, prefix=prefix)
        for name in ("clickstream", "checkouts", "categories")
    }
    assert (result.events, result.clicks, result.checkouts, result.apart.count) == (4, 3, 1, 1)
    assert [line.number for line in result.apart.lines] == [4]
    assert {message.value["user_id"] for message in held["clickstream"]} == {"1", "2", "3"}
    assert [message.value["product_id"] for message in held["checkouts"]] == ["13"]
    assert [message.value["parent_category_name"] for message in held["categories"]] == ["Shoes"]


@pytest.mark.parametrize("order", ["time", "file"])
def test_an_online_retail_file_arrives_to_the_cent(backbone: Backbone, prefix: str, tmp_path: Path, order: str) -> None:
    path = tmp_path / "online_retail.csv.gz"
    path.write_bytes(gzip.compress(retail.FILE))

    printed = _publish(
        backbone, str(path), "--format", "online-retail", "--order", order, "--topic-prefix", prefix, "--speed", "1e9"
    )

    registry = SchemaRegistry(backbone.registry)
    paid, back = (
        [message.value for message in read_topic(backbone.kafka, registry, name, prefix=prefix)]
        for name in ("checkouts", "refunds")
    )
    assert "27 rows: 9 checkouts, 2 refunds, 16 set apart" in printed
    assert f"net total {retail.NET:,} GBP, {retail.APART_AMOUNT:,} GBP set apart" in printed
    assert sorted(int(row["checkout_id"].rsplit("-", 1)[1]) for row in paid) == retail.CHECKOUTS
    assert sorted(int(row["refund_id"].rsplit("-", 1)[1]) for row in back) == retail.REFUNDS
    assert sum(row["unit_price"] * row["quantity"] for row in paid) == retail.PAID
    assert sum(row["amount"] for row in back) == retail.PAID_BACK
    assert {row["currency"] for row in (*paid, *back)} == {"GBP"}
    assert {row["user_id"] for row in paid} == {"17850", "12583", "17809", "guest-536366", "guest-536414"}
    assert read_topic(backbone.kafka, registry, "clickstream", prefix=prefix) == []
