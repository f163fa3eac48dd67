"""How many rows a second the exporter carries into Parquet or OpenSearch, for how much CPU and memory.

make bench-exporter ARGS="--rows 2000000"
make bench-exporter ARGS="--sink opensearch --rows 300000"
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from confluent_kafka import Producer
from footfall_exporter.streams import choose
from footfall_schemas.codec import encode, key_of
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_stack.testing import StackHandle, running_stack

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.exporting import Exporter, Feed, exporting, some_row

STREAMS = ("attributed_checkouts", "revenue_by_category", "stock_levels")
"""Wide rows with text, money and times; one of them is an upsert stream."""
APPENDED = STREAMS[:2]
"""Those of which each row becomes a document; of an upsert stream's rows in a batch only the last of each key does."""
DIFFERENT = 2000
"""Rows that are made of each stream; they are sent again and again."""


def fill(stack: StackHandle, names: Sequence[str], rows: int) -> None:
    """Write so many rows, alike in number for each stream."""
    streams, kafka = choose(names), stack.env["KAFKA_BOOTSTRAP_SERVERS"]
    registry = SchemaRegistry(stack.env["SCHEMA_REGISTRY_URL"])
    ensure_topics({"bootstrap.servers": kafka}, [stream.topic for stream in streams])
    producer = Producer(
        {
            "bootstrap.servers": kafka,
            "linger.ms": 50,
            "compression.type": "lz4",
            "queue.buffering.max.messages": 1000000,
        }
    )
    chance = Feed(kafka, registry).chance
    for stream in streams:
        schema_id, schema = registry.register(stream.topic), stream.topic.schema
        made = [some_row(stream, chance) for _ in range(DIFFERENT)]
        ready = [(encode(schema_id, schema, row), key_of(stream.topic, row)) for row in made]
        for number in range(rows // len(streams)):
            value, key = ready[number % DIFFERENT]
            producer.produce(stream.kafka_topic, value, key)
            if number % 10_000 == 0:
                producer.flush()
        producer.flush()


def measure(exporter: Exporter, rows: int) -> None:
    """Print what carrying so many rows takes."""
    if exporter.process is None:
        raise RuntimeError("the exporter does not run")
    process, memory = psutil.Process(exporter.process.pid), list[int]()
    began, first, done = 0.0, 0.0, 0.0
    while done < rows:
        time.sleep(0.5)
        done = max(0.0, exporter.metric("footfall_exporter_rows_total"))
        if not began and done:
            # The start of the process is not what is measured.
            began, first, cpu = time.monotonic(), done, sum(process.cpu_times()[:2])
        memory.append(process.memory_info().rss >> 20)
    took, used = time.monotonic() - began, sum(process.cpu_times()[:2]) - cpu
    carried = done - first
    print(
        f"{carried:,.0f} rows in {took:.1f} s: {carried / took:,.0f} rows/s, {carried / used:,.0f} rows per CPU second"
    )
    half = len(memory) // 2
    print(f"memory: at most {max(memory[:half])} MiB in the first half, {max(memory[half:])} MiB in the second")


def main() -> None:
    """Fill topics, then let an exporter loose on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_500_000)
    parser.add_argument("--sink", choices=("parquet", "opensearch"), default="parquet")
    options = parser.parse_args()
    searched = options.sink == "opensearch"
    names, more = (APPENDED, ["opensearch"]) if searched else (STREAMS, [])
    rows = options.rows // len(names) * len(names)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = {"KAFKA_RETENTION_MIB": "4096"}
        with running_stack(folder / "data", ["kafka", "registry", *more], env=env, optimised=True) as stack:
            fill(stack, names, rows)
            mine = {
                **stack.env,
                "EXPORTER_PARQUET_URL": str(folder / "exported"),
                "EXPORTER_SINKS": options.sink,
                f"EXPORTER_{options.sink.upper()}_STREAMS": ",".join(names),
                "EXPORTER_BATCH_TIME": "2s",
            }
            with exporting(mine, folder / "exporter.log") as exporter:
                measure(exporter, rows)


if __name__ == "__main__":
    main()
