"""`make prove-sinks`: many rows in every stream, kills at random, every stream compared; a replay changes nothing."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from footfall_exporter.streams import Stream, choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_stack.testing import StackHandle, running_stack

from checks.prove_sinks import bigquery, opensearch
from support.exporting import Exporter, Feed, exporting, files, random_kills, wait_equal

LONGEST = 8.0
"""Seconds between two kills at most."""


def prove(stack: StackHandle, folder: Path, *, rows: int, kills: int, seed: int) -> int:
    """Return how many rows are missing, too many or stale.

    Args:
        stack: Kafka and the registry.
        folder: For the files.
        rows: Of each stream, aborted ones among them.
        kills: SIGKILLs of the exporter.
        seed: Of rows and moments.
    """
    streams, kafka = choose(()), stack.env["KAFKA_BOOTSTRAP_SERVERS"]
    registry, chance = SchemaRegistry(stack.env["SCHEMA_REGISTRY_URL"]), random.Random(seed)
    ensure_topics({"bootstrap.servers": kafka}, [stream.topic for stream in streams])
    feed, root = Feed(kafka, registry, chance), folder / "exported"
    small = {"EXPORTER_BATCH_TIME": "1s", "EXPORTER_BATCH_ROWS": "500", "EXPORTER_SESSION_TIMEOUT": "6s"}
    env = {**stack.env, "EXPORTER_PARQUET_URL": str(root), **small}
    with exporting(env, folder / "exporter.log") as exporter:
        for _ in range(kills):
            feed.write(streams, rows // kills)
            random_kills(exporter, 1, chance, longest=LONGEST)
        wrong = _compared(streams, root, kafka, registry, exporter)
        before = files(root)
        exporter.kill()
        exporter.start()
        wrong += _compared(streams, root, kafka, registry, exporter)
        changed = len(files(root).items() ^ before.items())
        print(f"started again: {changed} files changed")
        exporter.kill()
        shutil.rmtree(root)
        exporter.start()
        print("from zero:")
        return wrong + changed + _compared(streams, root, kafka, registry, exporter)


def _compared(streams: list[Stream], root: Path, kafka: str, registry: SchemaRegistry, exporter: Exporter) -> int:
    found = wait_equal(streams, root, kafka, registry, exporter, seconds=300)
    for each in found:
        print(f"  {each.stream:24} {each.rows:8} rows, {each.missing} missing, {each.extra} too many or stale")
    return sum(each.missing + each.extra for each in found)


def main() -> int:
    """Return the process's exit status."""
    parser = argparse.ArgumentParser(prog="prove_sinks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sink", choices=("parquet", "opensearch", "bigquery"), default="parquet")
    parser.add_argument("--rows", type=int, default=4000, help="of each stream")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=18)
    options = parser.parse_args()
    proof = {"parquet": prove, "opensearch": opensearch.prove, "bigquery": bigquery.prove}[options.sink]
    more = [opensearch.NODE] if options.sink == "opensearch" else []
    with (
        tempfile.TemporaryDirectory() as name,
        running_stack(Path(name) / "data", ["kafka", "registry", *more]) as stack,
    ):
        wrong = proof(stack, Path(name), rows=options.rows, kills=options.kills, seed=options.seed)
    print(f"{options.kills} kills: {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
