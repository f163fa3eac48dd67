"""An emulator of BigQuery to write to and to kill, and what a reader sees there through the official client."""

import os
import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from footfall_exporter.sink import Sink
from footfall_exporter.sinks.bigquery import BigQuerySink
from footfall_exporter.sinks.bigquery_client import Client
from footfall_exporter.sinks.bigquery_settings import BigQuerySettings
from footfall_exporter.sinks.bigquery_tables import table_of
from footfall_exporter.streams import Stream
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json
from footfall_stack.ports import choose
from google.api_core.exceptions import GoogleAPIError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from support.exporting import Difference, Exporter, difference, kept
from support.kafka import read_raw, wait_until
from support.repository import ROOT

VENV = ROOT / ".footfall/bigquery-emulator"
PROJECT = "footfall"


@dataclass
class Emulator:
    """One process; what it holds outlives it."""

    folder: Path
    ports: list[int] = field(default_factory=lambda: choose(2))
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def env(self) -> dict[str, str]:
        """Settings of an exporter that writes to it."""
        return {
            "EXPORTER_BIGQUERY_PROJECT": PROJECT,
            "EXPORTER_BIGQUERY_ENDPOINT": self.url,
            "EXPORTER_BIGQUERY_WIDE_DECIMALS": "string",
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["--project", PROJECT, "--persistent", "--data-dir", str(self.folder / "bigquery")]
        rest, grpc = (str(port) for port in self.ports)
        with (self.folder / "emulator.log").open("ab") as output:
            self.process = subprocess.Popen(
                [str(VENV / "bin/bqemulator"), "start", "--rest-port", rest, "--grpc-port", grpc, *options],
                env={**os.environ, "HOME": str(VENV)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._answers, seconds=200, what="the emulator of BigQuery")

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None

    def client(self) -> Any:
        """Return the official client."""
        return bigquery.Client(
            project=PROJECT, credentials=AnonymousCredentials(), client_options={"api_endpoint": self.url}
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/bigquery/v2/projects/{PROJECT}/datasets", timeout=5):  # noqa: S310
                return True
        except OSError:
            return False


@contextmanager
def emulating(folder: Path) -> Iterator[Emulator]:
    """Run an emulator within the block."""
    emulator = Emulator(folder)
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.kill()


def rows(client: Any, dataset: str, stream: Stream, prefix: str = "") -> list[Json]:
    """Return what a reader of a stream's table sees: values in Python's types, with `_partition` and `_offset`."""
    try:
        table = f"`{PROJECT}.{dataset}.{prefix}{stream.name}`"
        job = client.query(f"SELECT * FROM {table}", retry=None, job_retry=None)  # noqa: S608
        found = [dict(row) for row in job.result(retry=None, job_retry=None)]
    except NotFound:
        return []
    types = {each.name: each.type for each in stream.columns}
    return [
        {name: _exact(types.get(name), value) for name, value in row.items()}
        | {"_partition": row["kafka_partition"], "_offset": row["kafka_offset"]}
        for row in found
    ]


def _exact(type_: Any, value: Any) -> Any:
    """Return a value in the type that its column has; an emulator keeps wide decimals as text."""
    if value is None or type_ is None:
        return value
    if pa.types.is_decimal(type_):
        return Decimal(value)
    if pa.types.is_list(type_):
        return [_exact(type_.value_type, each) for each in value]
    if pa.types.is_struct(type_):
        return {each.name: _exact(each.type, value[each.name]) for each in type_}
    return value


@dataclass
class Tables:
    """A dataset as the suite of all sinks sees it."""

    emulator: Emulator
    dataset: str

    def open(self) -> Sink:
        settings = BigQuerySettings(
            project=PROJECT, dataset=self.dataset, endpoint=self.emulator.url, wide_decimals="string"
        )
        return BigQuerySink(settings, Client.of)

    def rows(self, stream: Stream) -> list[Json]:
        return rows(self.emulator.client(), self.dataset, stream)

    def refused(self) -> None:
        """It takes whatever has columns."""


@dataclass
class Comparison:
    """What an exporter has written into an emulator against what the topics hold."""

    emulator: Emulator
    streams: Sequence[Stream]
    kafka: str
    registry: SchemaRegistry

    def differences(self, exporter: Exporter, *, seconds: float = 200) -> list[Difference]:
        """Wait until all is exported; return what is wrong."""
        return [each for each in self.found(exporter, seconds=seconds) if not each.is_none]

    def found(self, exporter: Exporter, *, seconds: float = 200) -> list[Difference]:
        """Wait until all is exported; return how every stream stands."""
        wait_until(
            lambda: exporter.health().get("status") == "ready" and self._progress() >= self._ends(),
            seconds=seconds,
            what=lambda: f"everything is exported: {self._ends() - self._progress()} is not; {exporter.health()}",
        )
        client = self.emulator.client()
        return [
            difference(stream, rows(client, "footfall", stream), kept(stream, self.kafka, self.registry))
            for stream in self.streams
        ]

    def kill(self, process: Exporter | Emulator, chance: random.Random, *, longest: float = 4.0) -> None:
        """Kill a process at random within so many seconds, and start it again."""
        time.sleep(chance.random() * longest)
        process.kill()
        process.start()

    def forget_progress(self) -> None:
        """Have the next exporter begin with each topic's first row."""
        for stream in self.streams:
            self._query(f"UPDATE footfall.footfall_progress SET next_offset = 0 WHERE stream = '{stream.name}'")  # noqa: S608

    def _progress(self) -> set[tuple[str, int, int]]:
        try:
            found = self._query("SELECT stream, kafka_partition, next_offset FROM footfall.footfall_progress")
        except GoogleAPIError:
            return set()
        return {(row["stream"], row["kafka_partition"], row["next_offset"]) for row in found}

    def _ends(self) -> set[tuple[str, int, int]]:
        ends = {}
        for stream in self.streams:
            for message in read_raw(self.kafka, stream.kafka_topic):
                ends[stream.name, message.partition()] = message.offset() + 1
        return {(*place, end) for place, end in ends.items()}

    def _query(self, sql: str) -> list[Any]:
        return list(self.emulator.client().query(sql, retry=None, job_retry=None).result(retry=None, job_retry=None))


def changes(emulator: Emulator, streams: Iterable[Stream]) -> dict[str, Any]:
    """Return the tables behind what readers see: every row, deletions among them."""
    client = emulator.client()
    found = {}
    for stream in streams:
        job = client.query(f"SELECT * FROM footfall.{table_of(stream, '')}", retry=None, job_retry=None)  # noqa: S608
        found[stream.name] = sorted(repr(dict(row)) for row in job.result(retry=None, job_retry=None))
    return found
