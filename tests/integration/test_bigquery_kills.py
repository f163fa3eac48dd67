"""BigQuery's tables hold what the topics hold, exactly, though the exporter and the store are killed."""

import random
import uuid
from pathlib import Path

import pytest
from conftest import Backbone
from footfall_exporter.streams import choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry

from support.bigquery import VENV, Comparison, changes, emulating
from support.exporting import Feed, exporting
from support.kafka import wait_until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.sinks,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not VENV.exists(), reason="stack/tools.sh bigquery-emulator installs what it needs"),
]

NAMES = ("sessions", "ecommerce_metrics", "stock_levels")


def test_nothing_is_missing_double_or_stale_though_exporter_and_store_are_killed(
    backbone: Backbone, tmp_path: Path
) -> None:
    prefix, chance = f"bq{uuid.uuid4().hex[:6]}-", random.Random(18)
    streams, registry = choose(NAMES, prefix), SchemaRegistry(backbone.registry)
    ensure_topics({"bootstrap.servers": backbone.kafka}, [stream.topic for stream in streams], prefix=prefix)
    feed = Feed(backbone.kafka, registry)
    with emulating(tmp_path) as emulator:
        env = {
            **backbone.env,
            **emulator.env,
            "KAFKA_BOOTSTRAP_SERVERS": backbone.kafka,
            "SCHEMA_REGISTRY_URL": backbone.registry,
            "EXPORTER_TOPIC_PREFIX": prefix,
            "EXPORTER_SINKS": "bigquery",
            "EXPORTER_BIGQUERY_STREAMS": ",".join(NAMES),
            "EXPORTER_BATCH_TIME": "500ms",
            "EXPORTER_BATCH_ROWS": "50",
            "EXPORTER_SESSION_TIMEOUT": "6s",
        }
        found = Comparison(emulator, streams, backbone.kafka, registry)
        with exporting(env, tmp_path / "exporter.log") as exporter:
            for number in range(4):
                feed.write(streams, 80)
                found.kill(exporter if number % 2 else emulator, chance)
            assert found.differences(exporter) == []

            # Again from zero, into the tables that are there.
            before = changes(emulator, streams)
            exporter.kill()
            found.forget_progress()
            exporter.env = {**env, "EXPORTER_BATCH_ROWS": "20"}
            exporter.start()
            assert found.differences(exporter) == []
            assert changes(emulator, streams) == before

            # A table that somebody deletes is made anew, from the topic's first row.
            emulator.client().delete_table(f"footfall.footfall.{NAMES[0]}", retry=None)
            feed.write(streams, 40)
            wait_until(lambda: found.differences(exporter) == [], seconds=100, what="the table is made anew")
