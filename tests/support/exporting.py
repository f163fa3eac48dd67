"""Rows of any stream, an exporter to kill, and what its files hold against what the topic holds."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyarrow.parquet as pq
from confluent_kafka import Producer
from footfall_exporter.sinks.parquet import LAST
from footfall_exporter.streams import Stream
from footfall_exporter.views import view_of
from footfall_schemas.codec import decode, encode, key_of, schema_id_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json
from footfall_stack.ports import choose

from support.kafka import read_raw, wait_until

EPOCH = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = 50
"""Rows of an upsert stream that are written again and again."""


def some_value(type_: Any, chance: random.Random) -> Any:  # noqa: C901  one case for each type
    """Return any value of an Avro type."""
    if isinstance(type_, list):
        return None if chance.random() < 0.2 else some_value(next(each for each in type_ if each != "null"), chance)
    described: Json = {"type": type_} if isinstance(type_, str) else type_
    match described.get("logicalType"), described["type"]:
        case "timestamp-millis", _:
            return EPOCH + timedelta(milliseconds=chance.randrange(10**9))
        case "date", _:
            return date(2026, 1, 1) + timedelta(days=chance.randrange(365))
        case "decimal", _:
            return Decimal(chance.randrange(-(10**18), 10**18)).scaleb(-described.get("scale", 0))
        case _, "array":
            return [some_value(described["items"], chance) for _ in range(chance.randrange(3))]
        case _, "record":
            return {each["name"]: some_value(each["type"], chance) for each in described["fields"]}
        case _, "string":
            return f"ü{chance.randrange(10**9)}'\""
        case _, "bytes":
            return chance.randbytes(5)
        case _, "boolean":
            return chance.random() < 0.5
        case _, "double":
            return chance.random() * 1e6
        case _, "int":
            return chance.randrange(-(2**31), 2**31)
        case _:
            return chance.randrange(-(2**63), 2**63)


def some_row(stream: Stream, chance: random.Random) -> Json:
    """Return any row of a stream; those of upsert streams are of few keys."""
    row: Json = some_value(stream.topic.schema, chance)
    if stream.is_upsert:
        row |= dict.fromkeys(stream.topic.key, str(chance.randrange(KEYS)))
    return row


@dataclass
class Feed:
    """Writes rows as the job does: in transactions, some of which are aborted; upsert streams with deletions, too."""

    kafka: str
    registry: SchemaRegistry
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    number: int = 0

    def write(self, streams: Sequence[Stream], rows: int, *, transactions: int = 4) -> None:
        """Write so many rows into each stream."""
        self.number += 1
        ids = {stream.name: self.registry.register(stream.topic) for stream in streams}
        producer = Producer(
            {"bootstrap.servers": self.kafka, "transactional.id": f"feed-{id(self)}-{self.number}", "linger.ms": 5}
        )
        producer.init_transactions(30)
        for number in range(transactions):
            producer.begin_transaction()
            for stream in streams:
                for _ in range(rows // transactions):
                    self._write_one(producer, stream, ids[stream.name])
            if number % 3 == 1:
                producer.flush(30)
                producer.abort_transaction(30)
            else:
                producer.commit_transaction(30)

    def _write_one(self, producer: Producer, stream: Stream, schema_id: int) -> None:
        row = some_row(stream, self.chance)
        deleted = stream.is_upsert and self.chance.random() < 0.1
        value = None if deleted else encode(schema_id, stream.topic.schema, row)
        while True:
            try:
                producer.produce(stream.kafka_topic, value, key_of(stream.topic, row))
            except BufferError:
                producer.poll(0.1)
            else:
                producer.poll(0)
                return


@dataclass
class Exporter:
    """One process."""

    env: Mapping[str, str]
    log: Path
    port: int = field(default_factory=lambda: choose(1)[0])
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "footfall_exporter"],
                env={**os.environ, **self.env, "EXPORTER_PORT": str(self.port)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    def health(self) -> dict[str, Any]:
        """Return what /health/ready says; nothing while it does not answer."""
        try:
            found: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).json()
        except httpx.HTTPError:
            return {}
        return found

    def detail(self) -> str:
        """Return how Parquet stands."""
        return str(self.health().get("checks", {}).get("parquet", {}).get("detail", ""))

    def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels; -1 while it does not answer."""
        try:
            text = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).text
        except httpx.HTTPError:
            return -1
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(f"{name}{{"))


@contextmanager
def exporting(env: Mapping[str, str], log: Path) -> Iterator[Exporter]:
    """Run an exporter within the block."""
    exporter = Exporter(env, log)
    exporter.start()
    try:
        yield exporter
    finally:
        exporter.kill()


def held(stream: Stream, root: Path) -> list[Json]:
    """Return the rows of a stream as DuckDB reads them from its files."""
    if not list((root / stream.name).glob("*/*.parquet")):
        return []
    with duckdb.connect() as database:
        database.execute(view_of(stream, str(root / stream.name)))
        found: list[Json] = database.table(stream.name).arrow().read_all().to_pylist()
    return found


def kept(stream: Stream, kafka: str, registry: SchemaRegistry) -> list[Json]:
    """Return what the topic holds: every row, or the latest of each key."""
    rows: list[Json] = []
    latest: dict[bytes, Json | None] = {}
    for message in read_raw(kafka, stream.kafka_topic):
        value = message.value()
        row = None if value is None else decode(value, registry.schema(schema_id_of(value)), stream.topic.reader)
        if stream.is_upsert:
            latest[message.key()] = row
        elif row is not None:
            rows.append(row | {"_partition": message.partition(), "_offset": message.offset()})
    return [row for row in latest.values() if row is not None] if stream.is_upsert else rows


@dataclass(frozen=True)
class Difference:
    """What is wrong with one stream."""

    stream: str
    rows: int
    missing: int
    extra: int

    @property
    def is_none(self) -> bool:
        return not (self.missing or self.extra)


def compare(stream: Stream, root: Path, kafka: str, registry: SchemaRegistry) -> Difference:
    """Return how the files differ from the topic; a stale row is missing once and one too many once."""
    return difference(stream, held(stream, root), kept(stream, kafka, registry))


def difference(stream: Stream, there: list[Json], wanted: list[Json]) -> Difference:
    """Return how rows of a store differ from those of the topic."""
    left, right = _counted(stream, there), _counted(stream, wanted)
    return Difference(
        stream.name,
        len(wanted),
        sum(max(0, number - left.get(row, 0)) for row, number in right.items()),
        sum(max(0, number - right.get(row, 0)) for row, number in left.items()),
    )


def wait_equal(
    streams: Iterable[Stream],
    root: Path,
    kafka: str,
    registry: SchemaRegistry,
    exporter: Exporter,
    *,
    seconds: float = 120,
) -> list[Difference]:
    """Wait until nothing differs, or time is up; return what is found then."""
    streams = list(streams)
    wait_until(
        lambda: exporter.health().get("status") == "ready" and all(_ends_match(each, root, kafka) for each in streams),
        seconds=seconds,
        what=lambda: f"everything is exported; {exporter.health()}",
    )
    return [compare(stream, root, kafka, registry) for stream in streams]


def _ends_match(stream: Stream, root: Path, kafka: str) -> bool:
    ends: dict[int, int] = {}
    for message in read_raw(kafka, stream.kafka_topic):
        ends[message.partition()] = message.offset()
    there: dict[int, int] = {}
    for path in (root / stream.name).glob("*/*.parquet"):
        _, partition, _ = path.stem.rsplit("-", 2)
        there[int(partition)] = max(there.get(int(partition), -1), int(pq.read_metadata(path).metadata[LAST]))
    return there == ends


def files(root: Path) -> dict[str, int]:
    """Return every file with when it was written, in nanoseconds."""
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*.parquet")}


def random_kills(exporter: Exporter, number: int, chance: random.Random, *, longest: float) -> None:
    """Kill and start it again so many times."""
    for _ in range(number):
        time.sleep(chance.random() * longest)
        exporter.kill()
        exporter.start()


def _counted(stream: Stream, rows: list[Json]) -> dict[str, int]:
    names = [*stream.columns.names, *([] if stream.is_upsert else ["_partition", "_offset"])]
    found: dict[str, int] = {}
    for row in rows:
        text = repr([_plain(row[name]) for name in names])
        found[text] = found.get(text, 0) + 1
    return found


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case _:
            return value
