"""BigQuery: exporter and emulator are killed at random, every stream is compared; a replay changes nothing."""

import random
from pathlib import Path

from footfall_exporter.streams import choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_stack.testing import StackHandle

from support.bigquery import VENV, Comparison, changes, emulating
from support.exporting import Feed, exporting

WITHIN = 900.0
"""Seconds that the emulator has for everything: a batch takes it half a second."""


def prove(stack: StackHandle, folder: Path, *, rows: int, kills: int, seed: int) -> int:
    """Return how many rows are missing, too many or stale, and how many tables a replay changes.

    Args:
        stack: Kafka and the registry.
        folder: For the log and the emulator's data.
        rows: Of each stream, aborted ones among them.
        kills: SIGKILLs, of emulator and exporter in turn.
        seed: Of rows and moments.
    """
    if not VENV.exists():
        raise SystemExit("there is no emulator: install it with `stack/tools.sh bigquery-emulator`")
    streams, kafka = choose(()), stack.env["KAFKA_BOOTSTRAP_SERVERS"]
    registry, chance = SchemaRegistry(stack.env["SCHEMA_REGISTRY_URL"]), random.Random(seed)
    ensure_topics({"bootstrap.servers": kafka}, [stream.topic for stream in streams])
    feed = Feed(kafka, registry, chance)
    small = {"EXPORTER_BATCH_TIME": "5s", "EXPORTER_BATCH_ROWS": "500", "EXPORTER_SESSION_TIMEOUT": "6s"}
    with emulating(folder) as emulator:
        env = {**stack.env, **emulator.env, "EXPORTER_SINKS": "bigquery", **small}
        found = Comparison(emulator, streams, kafka, registry)
        with exporting(env, folder / "exporter.log") as exporter:
            for number in range(kills):
                feed.write(streams, rows // kills)
                found.kill(exporter if number % 2 else emulator, chance, longest=8)
            wrong = 0
            for each in found.found(exporter, seconds=WITHIN):
                wrong += each.missing + each.extra
                print(f"  {each.stream:24} {each.rows:8} rows, {each.missing} missing, {each.extra} too many or stale")
            exporter.kill()
            before = changes(emulator, streams)
            found.forget_progress()
            exporter.start()
            wrong += sum(each.missing + each.extra for each in found.found(exporter, seconds=WITHIN))
            after = changes(emulator, streams)
            changed = len([name for name in after if after[name] != before[name]])
            print(f"from zero: {changed} of {len(before)} tables changed")
    return wrong + changed
