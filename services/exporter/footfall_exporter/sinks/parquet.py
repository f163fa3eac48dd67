"""Parquet files by stream and day, on disk or wherever fsspec reaches; what they hold is the progress."""

import errno
import json
import uuid
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from footfall_chassis.settings import Settings
from fsspec.implementations.local import LocalFileSystem
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from footfall_exporter.batch import Batch, NotOursError
from footfall_exporter.sink import Life, Outcome, SinkUnavailableError
from footfall_exporter.sinks.disk import put_on_disk
from footfall_exporter.sinks.parquet_files import newest, path_of
from footfall_exporter.streams import Stream

MANIFEST = "_manifest.json"
TEMPORARY = ".partial"
LAST = b"footfall.last"
"""In a file's metadata: the offset of the last message that it settles, which may be a dead letter."""
PLACES = [
    pa.field("_partition", pa.int32(), nullable=False, metadata={"doc": "Partition of the topic."}),
    pa.field("_offset", pa.int64(), nullable=False, metadata={"doc": "Offset in the partition."}),
]
CHANGES = [
    pa.field("_key", pa.string(), nullable=False, metadata={"doc": "Record key: one row of the stream."}),
    pa.field("_deleted", pa.bool_(), nullable=False, metadata={"doc": "The row of this key was deleted."}),
]
LOCAL = "exported"


class ParquetSettings(Settings):
    """Where the files go; every variable starts with EXPORTER_PARQUET_."""

    model_config = SettingsConfigDict(env_prefix="EXPORTER_PARQUET_")

    url: str = LOCAL
    """Folder on this machine, or any address that fsspec knows: s3://bucket/footfall, gs://…, memory://…"""
    storage_options: dict[str, Any] = Field(default_factory=dict)
    """What fsspec is told besides, in JSON: an endpoint, for example. Credentials come from the store's own variables."""
    compression: str = Field("zstd", pattern="^(zstd|snappy|gzip|lz4|none)$")


class ParquetSink:
    """Parquet files.

    Args:
        files: The file system.
        root: Folder in it.
        compression: Of the columns.
    """

    name: str = "parquet"

    def __init__(self, files: Any, root: str, compression: str = "zstd") -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._compression = compression

    @classmethod
    def from_environment(cls) -> "ParquetSink":
        """Return the one that the environment describes.

        Raises:
            SettingsError: A variable is wrong.
        """
        settings = ParquetSettings.load()
        files, root = fsspec.core.url_to_fs(settings.url, **settings.storage_options)
        return cls(files, root, settings.compression)

    def prepare(self, stream: Stream) -> None:
        """Nothing is to be made: columns that are new are in new files."""

    def life(self, stream: Stream) -> Life | None:
        """Return what the manifest says."""
        path = f"{self.place(stream)}/{MANIFEST}"
        try:
            if not self._files.exists(path):
                return None
            manifest = json.loads(self._files.cat_file(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unavailable(error) from error
        return Life(manifest["topic_id"], manifest["partitions"])

    def begin(self, stream: Stream, life: Life) -> None:
        """Write the manifest."""
        manifest = {"topic": stream.kafka_topic, "topic_id": life.topic_id, "partitions": life.partitions}
        self._put(f"{self.place(stream)}/{MANIFEST}", json.dumps(manifest, indent=2).encode(), _anybody, anew=False)

    def progress(self, stream: Stream, partition: int) -> int | None:
        """Return where the newest file ends, as it says itself; what a killed process has left half written is removed."""
        paths = self._paths(stream)
        beginning = f"{stream.kafka_topic}-{partition}-"
        for path in paths:
            if path.endswith(TEMPORARY) and path.rsplit("/", 1)[-1].startswith(beginning):
                self._remove(path)
        found = newest(paths, stream.kafka_topic, partition)
        return 0 if found is None else self._last(found) + 1

    def write(self, batch: Batch) -> Outcome:
        """Store the batch as one file: all of it, or nothing.

        Each file begins where the one before it ends, and has its name of that: of two instances that both believe to have
        the partition, one gets the name.
        """
        relative = path_of(batch.day, batch.stream.kafka_topic, batch.partition, batch.first)
        path, data = f"{self.place(batch.stream)}/{relative}", self._encoded(batch)
        try:
            self._put(path, data, batch.confirm_ours, anew=True)
        except FileExistsError:
            # Ours, if it was written before an error that came behind it.
            if self._last(path) != batch.last:
                raise NotOursError(f"another instance has written {path}") from None
        return Outcome()

    def place(self, stream: Stream) -> str:
        """Return the stream's folder."""
        return f"{self._root}/{stream.name}"

    def close(self) -> None:
        """Nothing stays open."""

    def _encoded(self, batch: Batch) -> pa.Buffer:
        columns = [
            pa.repeat(pa.scalar(batch.partition, pa.int32()), len(batch)),
            pa.array(batch.offsets, pa.int64()),
        ]
        fields = [*PLACES]
        if batch.stream.is_upsert:
            columns += [pa.array(batch.keys, pa.string()), pa.array(batch.deleted, pa.bool_())]
            fields += CHANGES
        table = pa.Table.from_arrays(
            [*(column.combine_chunks() for column in batch.rows.columns), *columns],
            schema=pa.schema([*batch.stream.columns, *fields], batch.stream.columns.metadata | {LAST: str(batch.last)}),
        )
        out = pa.BufferOutputStream()
        pq.write_table(table, out, compression=self._compression, store_schema=True)
        return out.getvalue()

    def _put(self, path: str, data: Any, confirm_ours: Callable[[], None], *, anew: bool) -> None:
        """Write a file.

        Raises:
            FileExistsError: There must be none yet, and is one.
            SinkUnavailableError: It cannot be written now.
        """
        try:
            if isinstance(self._files, LocalFileSystem):
                put_on_disk(path, data, f".{uuid.uuid4().hex}{TEMPORARY}", confirm_ours, anew=anew)
            else:
                # One request of an object store is there as a whole or not at all.
                confirm_ours()
                self._files.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
                self._files.pipe_file(path, bytes(data), mode="create" if anew else "overwrite")
        except OSError as error:
            if isinstance(error, FileExistsError) and anew and self._files.isfile(path):
                raise
            raise _unavailable(error) from error

    def _last(self, path: str) -> int:
        """Return the offset of the last message that a file settles."""
        try:
            with self._files.open(path, "rb") as file:
                return int(pq.read_metadata(file).metadata[LAST])
        except OSError as error:
            raise _unavailable(error) from error
        except (pa.ArrowInvalid, KeyError, TypeError) as error:
            raise SinkUnavailableError(
                f"{path} is not as the exporter wrote it ({error}); move it away, and its rows are written anew",
                needs_action=True,
            ) from error

    def _paths(self, stream: Stream) -> list[str]:
        try:
            self._files.invalidate_cache()
            return list(self._files.find(self.place(stream)))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unavailable(error) from error

    def _remove(self, path: str) -> None:
        try:
            self._files.rm_file(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise _unavailable(error) from error


def _anybody() -> None:
    """Whoever writes it, writes the same."""


def _unavailable(error: OSError) -> SinkUnavailableError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return SinkUnavailableError(f"there is no room: {error}; free some, and the exporter goes on by itself")
    return SinkUnavailableError(f"files cannot be written or read: {error}")
