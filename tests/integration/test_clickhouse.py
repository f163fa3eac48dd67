"""ClickHouse's SQL does what every sink must; it is run by chdb, which is ClickHouse without a server."""

import base64
import io
import json
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from footfall_exporter.sink import Sink
from footfall_exporter.sinks.clickhouse import ClickHouseSettings, ClickHouseSink
from footfall_exporter.streams import Stream
from footfall_schemas.topics import Json

from support.repository import ROOT
from support.sink_conformance import SinkConformance, Store

PYTHON = ROOT / ".footfall/chdb/bin/python"
pytestmark = [
    pytest.mark.sinks,
    pytest.mark.programs,
    pytest.mark.skipif(not PYTHON.exists(), reason="stack/tools.sh chdb installs what it needs (900 MB)"),
]


class Chdb(httpx.BaseTransport):
    """Answers requests as ClickHouse's server does."""

    def __init__(self, folder: Path) -> None:
        script = ROOT / "tests/support/chdb_server.py"
        self._process = subprocess.Popen(
            [str(PYTHON), str(script), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.ask(request.url.params["query"], request.read())
        if "error" in answer:
            headers = {"X-ClickHouse-Exception-Code": answer["code"]}
            return httpx.Response(404, text=answer["error"], headers=headers)
        return httpx.Response(200, content=base64.b64decode(answer["body"]))

    def ask(self, query: str, body: bytes = b"") -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"query": query, "body": base64.b64encode(body).decode()}) + "\n")
        self._process.stdin.flush()
        found: dict[str, str] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """An adapter that is closed closes its connection, and not the server."""

    def end(self) -> None:
        self._process.kill()
        self._process.wait(20)


@dataclass
class Tables:
    """A database as the suite of all sinks sees it."""

    chdb: Chdb
    database: str

    def open(self) -> Sink:
        return ClickHouseSink(ClickHouseSettings(database=self.database), self.chdb)

    def rows(self, stream: Stream) -> list[Json]:
        settings = "SETTINGS output_format_parquet_string_as_string = 0"
        answer = self.chdb.ask(f"SELECT * FROM `{self.database}`.`{stream.name}` {settings} FORMAT Parquet")  # noqa: S608
        if answer.get("code") in {"60", "81"}:
            return []
        found = pq.read_table(io.BytesIO(base64.b64decode(answer["body"]))).to_pylist()
        types = {each.name: each.type for each in stream.columns}
        return [
            {name: _exact(types.get(name), value) for name, value in row.items()}
            | {"_partition": row["kafka_partition"], "_offset": row["kafka_offset"]}
            for row in found
        ]

    def refused(self) -> None:
        """Python has no time that it refuses: the unit tests have."""


def _exact(type_: Any, value: Any) -> Any:
    if value is None or type_ is None:
        return value
    if pa.types.is_string(type_):
        return value.decode()
    if pa.types.is_list(type_):
        return [_exact(type_.value_type, each) for each in value]
    if pa.types.is_struct(type_):
        return {each.name: _exact(each.type, value[each.name]) for each in type_}
    return value


@pytest.fixture(scope="module")
def chdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chdb]:
    found = Chdb(tmp_path_factory.mktemp("chdb"))
    yield found
    found.end()


class TestClickHouse(SinkConformance):
    @pytest.fixture
    def store(self, chdb: Chdb) -> Store:
        return Tables(chdb, f"d{uuid.uuid4().hex}")
