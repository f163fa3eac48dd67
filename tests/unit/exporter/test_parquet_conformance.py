"""Parquet files, in a folder and in an object store, do what every sink must."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest
from footfall_exporter.sink import Sink
from footfall_exporter.sinks.parquet import ParquetSink
from footfall_exporter.streams import Stream
from footfall_exporter.views import view_of
from footfall_schemas.topics import Json

from support.sink_conformance import SinkConformance, Store


@dataclass
class Files:
    """Files that DuckDB reads through the views that `footfall exporter views` prints."""

    files: Any
    root: str
    mirror: Path
    """Where DuckDB finds them."""

    def open(self) -> Sink:
        return ParquetSink(self.files, self.root)

    def rows(self, stream: Stream) -> list[Json]:
        if not self.files.glob(f"{self.root}/{stream.name}/*/*.parquet"):
            return []
        for path in self.files.find(self.root) if str(self.mirror) != self.root else ():
            here = self.mirror / path.removeprefix(f"{self.root}/")
            here.parent.mkdir(parents=True, exist_ok=True)
            here.write_bytes(self.files.cat_file(path))
        with duckdb.connect() as database:
            database.execute(view_of(stream, str(self.mirror / stream.name)))
            found: list[Json] = database.table(stream.name).arrow().read_all().to_pylist()
        return found

    def refused(self) -> None:
        """Whatever has columns is taken."""


class TestFolder(SinkConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return Files(fsspec.filesystem("file"), str(tmp_path), tmp_path)


class TestObjectStore(SinkConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return Files(fsspec.filesystem("memory"), f"/{tmp_path.name}", tmp_path / "mirror")
