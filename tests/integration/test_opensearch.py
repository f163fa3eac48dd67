"""The exporter carries streams into a real OpenSearch, exactly, whatever is killed."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Backbone
from footfall_exporter.streams import choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_stack.testing import StackHandle, running_stack

from support.exporting import Feed, exporting
from support.kafka import wait_until
from support.searching import Indices, compare, documents, forget_progress, wait_stored

pytestmark = [pytest.mark.stack, pytest.mark.sinks, pytest.mark.timeout(600)]

NAMES = ("sessions", "revenue_per_minute", "attributed_checkouts", "stock_levels", "related_products", "top_categories")
ROUNDS = 3
PREFIX = "searched-"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[StackHandle]:
    with running_stack(tmp_path / "node", ["opensearch"]) as stack:
        yield stack


def test_nothing_is_missing_double_or_stale_though_both_are_killed_and_a_replay_changes_nothing(
    backbone: Backbone, node: StackHandle, tmp_path: Path
) -> None:
    chance, streams = random.Random(18), choose(NAMES, PREFIX)
    registry = SchemaRegistry(backbone.registry)
    ensure_topics({"bootstrap.servers": backbone.kafka}, [stream.topic for stream in streams], prefix=PREFIX)
    feed, indices = Feed(backbone.kafka, registry, chance), Indices(node.env["EXPORTER_OPENSEARCH_URL"], PREFIX)
    env = {
        **backbone.env,
        "EXPORTER_SINKS": "opensearch",
        "EXPORTER_TOPIC_PREFIX": PREFIX,
        "EXPORTER_OPENSEARCH_URL": indices.url,
        "EXPORTER_OPENSEARCH_PREFIX": PREFIX,
        "EXPORTER_OPENSEARCH_STREAMS": ",".join(NAMES),
        "EXPORTER_BATCH_TIME": "500ms",
        "EXPORTER_BATCH_ROWS": "50",
        "EXPORTER_SESSION_TIMEOUT": "6s",
    }
    with exporting(env, tmp_path / "exporter.log") as exporter:

        def stand() -> str:
            return str(exporter.health())

        for number in range(ROUNDS):
            feed.write(streams, 400)
            # On a slow machine it would be killed before it has begun.
            wait_until(lambda: exporter.metric("footfall_exporter_rows_total") > 0, seconds=90, what=stand)
            time.sleep(chance.random() * 2)
            node.kill("opensearch")
            time.sleep(chance.random() * 2)
            exporter.kill()
            exporter.start()
            node.wait_restarted("opensearch", number + 1)
        wait_stored(streams, indices, backbone.kafka, stand)
        found = [compare(stream, indices, backbone.kafka, registry) for stream in streams]
        assert [each for each in found if not each.is_none] == []
        assert all(each.rows for each in found)

        exporter.kill()
        before = documents(streams, indices)
        forget_progress(streams, indices)
        exporter.start()
        wait_stored(streams, indices, backbone.kafka, stand)
        assert documents(streams, indices) == before
