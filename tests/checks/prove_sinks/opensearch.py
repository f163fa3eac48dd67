"""OpenSearch: exporter and node are killed at random, every stream is compared; a replay changes nothing."""

import random
import time
from pathlib import Path

from footfall_exporter.streams import choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_stack.testing import StackHandle

from support.exporting import Feed, exporting
from support.kafka import wait_until
from support.searching import Indices, compare, documents, forget_progress, wait_stored

LONGEST = 4.0
"""Seconds between two kills at most."""
NODE = "opensearch"


def prove(stack: StackHandle, folder: Path, *, rows: int, kills: int, seed: int) -> int:
    """Return how many rows are missing, too many or stale, and how many documents a replay changes.

    Args:
        stack: Kafka, the registry and a node.
        folder: For the log.
        rows: Of each stream, aborted ones among them.
        kills: SIGKILLs, of exporter and node in turn.
        seed: Of rows and moments.
    """
    streams, kafka = choose(()), stack.env["KAFKA_BOOTSTRAP_SERVERS"]
    registry, chance = SchemaRegistry(stack.env["SCHEMA_REGISTRY_URL"]), random.Random(seed)
    ensure_topics({"bootstrap.servers": kafka}, [stream.topic for stream in streams])
    feed, indices = Feed(kafka, registry, chance), Indices(stack.env["EXPORTER_OPENSEARCH_URL"], "footfall-")
    small = {"EXPORTER_BATCH_TIME": "1s", "EXPORTER_BATCH_ROWS": "500", "EXPORTER_SESSION_TIMEOUT": "6s"}
    with exporting({**stack.env, "EXPORTER_SINKS": "opensearch", **small}, folder / "exporter.log") as exporter:

        def stand() -> str:
            return str(exporter.health())

        for number in range(kills):
            feed.write(streams, rows // kills)
            wait_until(lambda: exporter.metric("footfall_exporter_rows_total") > 0, seconds=120, what=stand)
            time.sleep(chance.random() * LONGEST)
            if number % 2:
                stack.kill(NODE)
                stack.wait_restarted(NODE, number // 2 + 1)
            else:
                exporter.kill()
                exporter.start()
        wait_stored(streams, indices, kafka, stand, seconds=300)
        wrong = 0
        for stream in streams:
            found = compare(stream, indices, kafka, registry)
            wrong += found.missing + found.extra
            print(f"  {found.stream:24} {found.rows:8} rows, {found.missing} missing, {found.extra} too many or stale")
        exporter.kill()
        before = documents(streams, indices)
        forget_progress(streams, indices)
        exporter.start()
        wait_stored(streams, indices, kafka, stand, seconds=300)
        changed = len(documents(streams, indices).items() ^ before.items())
        print(f"from zero: {changed} of {len(before)} documents changed")
    return wrong + changed
