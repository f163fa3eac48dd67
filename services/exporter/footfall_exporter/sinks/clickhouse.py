"""ClickHouse over HTTP: a ReplacingMergeTree for each stream, in which the row with the greatest offset of a key stays."""
# ruff: noqa: S608  names are the contract's and the settings'; values are quoted

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from footfall_chassis.durations import Duration
from footfall_chassis.settings import Settings
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from footfall_exporter.batch import Batch, NotOursError, Refusal
from footfall_exporter.sink import GoneError, Life, Outcome, SinkUnavailableError
from footfall_exporter.streams import Stream

PARTITION, OFFSET, KEY, DELETED = "kafka_partition", "kafka_offset", "kafka_key", "kafka_deleted"
PLACES = {
    PARTITION: ("UInt32", "Partition of the topic."),
    OFFSET: ("UInt64", "Offset in the partition; of rows of one key the greatest stays."),
}
CHANGES = {
    KEY: ("String", "Record key: one row of the stream."),
    DELETED: ("UInt8", "The row of this key was deleted."),
}
PROGRESS, LIVES = "footfall_progress", "footfall_lives"
REMEMBERED = 1000
"""Last blocks of a table that are known by their tokens."""
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2299, 12, 31, tzinfo=UTC)
"""What a DateTime64 can say."""
GONE, REFUSED_US = {"60", "81"}, {"192", "193", "194", "497", "516"}
_SIMPLE = {
    pa.string(): "String",
    pa.binary(): "String",
    pa.bool_(): "Bool",
    pa.int32(): "Int32",
    pa.int64(): "Int64",
    pa.float32(): "Float32",
    pa.float64(): "Float64",
    pa.date32(): "Date32",
}
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'"})


class ClickHouseSettings(Settings):
    """Where the tables are; every variable starts with EXPORTER_CLICKHOUSE_."""

    model_config = SettingsConfigDict(env_prefix="EXPORTER_CLICKHOUSE_")

    url: str = "http://localhost:8123"
    database: str = Field("footfall", pattern="^[A-Za-z0-9_]+$")
    """Made when it is missing."""
    table_prefix: str = Field("", pattern="^[A-Za-z0-9_]*$")
    """Before the name of each table."""
    user: str = "default"
    password: SecretStr = SecretStr("")
    timeout: Duration = timedelta(minutes=1)
    """How long one request may take."""


class ClickHouseSink:
    """ClickHouse's tables; `<stream>_rows` has what was written, the view `<stream>` what counts.

    Args:
        settings: Where they are.
        transport: Takes the requests instead of the network.
    """

    name: str = "clickhouse"

    def __init__(self, settings: ClickHouseSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._http = httpx.Client(
            base_url=settings.url,
            timeout=settings.timeout.total_seconds(),
            transport=transport,
            headers={"X-ClickHouse-User": settings.user, "X-ClickHouse-Key": settings.password.get_secret_value()},
        )
        self._started: dict[tuple[str, int], str] = {}
        """Table's UUID with which each partition was begun."""

    @classmethod
    def from_environment(cls) -> "ClickHouseSink":
        """Return the one that the environment describes.

        Raises:
            SettingsError: A variable is wrong.
        """
        return cls(ClickHouseSettings.load())

    def prepare(self, stream: Stream) -> None:
        """Make the database, the tables and the view, or add columns."""
        table = self._table(stream)
        self._run(f"CREATE DATABASE IF NOT EXISTS `{self._settings.database}`")
        for statement in (*own_tables(self._full(PROGRESS), self._full(LIVES)), table_of(stream, self._full(table))):
            self._run(statement)
        there = self._columns(stream)
        for name, (type_, doc) in columns_of(stream).items():
            if name not in there:
                self._run(
                    f"ALTER TABLE {self._full(self._table(stream))} ADD COLUMN IF NOT EXISTS `{name}` {type_} "
                    f"COMMENT {quoted(doc)}"
                )
        shown = ", ".join(f"`{name}`" for name in dict.fromkeys([*there, *columns_of(stream)]) if name not in CHANGES)
        view = self._full(self._settings.table_prefix + stream.name)
        self._run(f"CREATE OR REPLACE VIEW {view} AS SELECT {shown} FROM {self._full(self._table(stream))} FINAL")

    def life(self, stream: Stream) -> Life | None:
        """Return the life that was noted for the table as it is; one that was made anew has none."""
        try:
            where = f"stream = {quoted(stream.name)} AND table_uuid = {quoted(self._uuid(stream))}"
            rows = self._ask(f"SELECT topic_id, partitions FROM {self._full(LIVES)} FINAL WHERE {where}")
        except GoneError:
            return None
        return Life(rows[0]["topic_id"], int(rows[0]["partitions"])) if rows else None

    def begin(self, stream: Stream, life: Life) -> None:
        """Note the life."""
        values = f"{quoted(stream.name)}, {quoted(self._uuid(stream))}, {quoted(life.topic_id)}, {life.partitions}"
        self._run(f"INSERT INTO {self._full(LIVES)} (stream, table_uuid, topic_id, partitions) VALUES ({values})")

    def progress(self, stream: Stream, partition: int) -> int | None:
        """Return what was noted for the table as it is."""
        uuid = self._started[stream.name, partition] = self._uuid(stream)
        where = f"stream = {quoted(stream.name)} AND table_uuid = {quoted(uuid)} AND {PARTITION} = {partition}"
        rows = self._ask(f"SELECT max(next_offset) AS at FROM {self._full(PROGRESS)} WHERE {where}")
        return int(rows[0]["at"]) if rows else 0

    def write(self, batch: Batch) -> Outcome:
        """Store the rows by one INSERT, then note the progress."""
        stream, partition = batch.stream, batch.partition
        refused = out_of_time(batch)
        bad = {each.offset for each in refused}
        good = batch.only([index for index, offset in enumerate(batch.offsets) if offset not in bad]) if bad else batch
        try:
            uuid = self._started.get((stream.name, partition)) or self._uuid(stream)
            if len(good):
                self._run(insert(good, self._full(self._table(stream))), parquet(good))
            values = f"{quoted(stream.name)}, {quoted(uuid)}, {partition}, {batch.last + 1}"
            self._run(f"INSERT INTO {self._full(PROGRESS)} VALUES ({values})")
            now = self._uuid(stream)
        except GoneError as error:
            raise NotOursError(f"a table is gone and is made anew, from the topic's first row: {error}") from error
        if now != uuid:
            raise NotOursError(f"the table of {stream.name} was made anew: it is written from the topic's first row")
        return Outcome(refused)

    def place(self, stream: Stream) -> str:
        """Return the stream's table."""
        return f"{self._settings.database}.{self._table(stream)}"

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def _table(self, stream: Stream) -> str:
        return f"{self._settings.table_prefix}{stream.name}_rows"

    def _full(self, table: str) -> str:
        return f"`{self._settings.database}`.`{table}`"

    def _uuid(self, stream: Stream) -> str:
        where = f"database = {quoted(self._settings.database)} AND name = {quoted(self._table(stream))}"
        rows = self._ask(f"SELECT toString(uuid) AS uuid FROM system.tables WHERE {where}")
        if not rows:
            raise GoneError(f"there is no table {self.place(stream)}")
        return str(rows[0]["uuid"])

    def _columns(self, stream: Stream) -> list[str]:
        where = f"database = {quoted(self._settings.database)} AND table = {quoted(self._table(stream))}"
        return [row["name"] for row in self._ask(f"SELECT name FROM system.columns WHERE {where} ORDER BY position")]

    def _ask(self, query: str) -> list[dict[str, Any]]:
        answer = self._run(f"{query} FORMAT JSONEachRow")
        return [json.loads(line) for line in answer.splitlines() if line]

    def _run(self, query: str, body: bytes = b"") -> bytes:
        with _told():
            answer = self._http.post("/", params={"query": query}, content=body)
        if answer.is_success:
            return answer.content
        code, reason = answer.headers.get("X-ClickHouse-Exception-Code", ""), answer.text[:500]
        if code in GONE:
            raise GoneError(reason)
        if code in REFUSED_US or answer.status_code in {401, 403}:
            raise SinkUnavailableError(
                f"ClickHouse refuses us: {reason}; check EXPORTER_CLICKHOUSE_USER and EXPORTER_CLICKHOUSE_PASSWORD",
                needs_action=True,
            )
        raise SinkUnavailableError(f"ClickHouse answers {answer.status_code}: {reason}")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise SinkUnavailableError(f"ClickHouse does not answer: {str(error) or type(error).__name__}") from error


def quoted(text: str) -> str:
    """Return a literal."""
    return f"'{text.translate(_ESCAPES)}'"


def type_of(type_: pa.DataType, *, nullable: bool = False) -> str:
    """Return ClickHouse's type for Arrow's; a list is never null, but empty."""
    if pa.types.is_list(type_):
        return f"Array({type_of(type_.value_type, nullable=type_.value_field.nullable)})"
    if pa.types.is_struct(type_):
        inner = ", ".join(f"`{each.name}` {type_of(each.type, nullable=each.nullable)}" for each in type_)
        return f"Tuple({inner})"
    if pa.types.is_timestamp(type_):
        plain = "DateTime64(3, 'UTC')"
    elif pa.types.is_decimal(type_):
        plain = f"Decimal({type_.precision}, {type_.scale})"
    else:
        plain = _SIMPLE[type_]
    return f"Nullable({plain})" if nullable else plain


def columns_of(stream: Stream) -> dict[str, tuple[str, str]]:
    """Return type and description of each column; all of the stream's may be null, so that any version can write."""
    own = {
        field.name: (type_of(field.type, nullable=True), (field.metadata or {}).get(b"doc", b"").decode())
        for field in stream.columns
    }
    return own | PLACES | (CHANGES if stream.is_upsert else {})


def table_of(stream: Stream, table: str) -> str:
    """Return the statement that makes a stream's table."""
    columns = ", ".join(f"`{name}` {type_} COMMENT {quoted(doc)}" for name, (type_, doc) in columns_of(stream).items())
    engine, order = f"ReplacingMergeTree({OFFSET})", f"({PARTITION}, {OFFSET})"
    if stream.is_upsert:
        engine, order = f"ReplacingMergeTree({OFFSET}, {DELETED})", KEY
    return (
        f"CREATE TABLE IF NOT EXISTS {table} ({columns}) ENGINE = {engine} ORDER BY {order} "
        f"SETTINGS non_replicated_deduplication_window = {REMEMBERED} COMMENT {quoted(stream.topic.schema['doc'])}"
    )


def own_tables(progress: str, lives: str) -> list[str]:
    """Return the statements that make the tables of how far each partition is, and of which topics the rows are."""
    of_partitions = f"(stream String, table_uuid String, {PARTITION} UInt32, next_offset UInt64)"
    of_streams = (
        "(stream String, table_uuid String, topic_id String, partitions UInt32, at DateTime64(6) DEFAULT now64(6))"
    )
    by_partition, by_stream = f"(stream, table_uuid, {PARTITION})", "(stream, table_uuid)"
    return [
        f"CREATE TABLE IF NOT EXISTS {table} {columns} ENGINE = ReplacingMergeTree({version}) ORDER BY {order}"
        for table, columns, version, order in (
            (progress, of_partitions, "next_offset", by_partition),
            (lives, of_streams, "at", by_stream),
        )
    ]


def insert(batch: Batch, table: str) -> str:
    """Return the statement that inserts a batch; one that was inserted lately is known by its token."""
    token = f"{batch.stream.kafka_topic}-{batch.partition}-{batch.first}-{batch.last}-{len(batch)}"
    names = ", ".join(f"`{name}`" for name in columns_of(batch.stream))
    return f"INSERT INTO {table} ({names}) SETTINGS insert_deduplication_token = {quoted(token)} FORMAT Parquet"


def parquet(batch: Batch) -> bytes:
    """Return the rows as they are inserted."""
    columns = [
        *batch.rows.columns,
        pa.repeat(pa.scalar(batch.partition, pa.uint32()), len(batch)),
        pa.array(batch.offsets, pa.uint64()),
    ]
    if batch.stream.is_upsert:
        columns += [pa.array(batch.keys, pa.string()), pa.array(batch.deleted, pa.bool_()).cast(pa.uint8())]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=list(columns_of(batch.stream))), out)
    return out.getvalue()


def out_of_time(batch: Batch) -> Sequence[Refusal]:
    """Return the rows that have a time that ClickHouse cannot say."""
    bad: set[int] = set()
    for field, column in zip(batch.rows.schema, batch.rows.columns, strict=True):
        if pa.types.is_timestamp(field.type):
            early, late = (pa.scalar(time, field.type) for time in (EARLIEST, LATEST))
            outside = pc.or_(pc.less(column, early), pc.greater(column, late))
            bad.update(index for index, one in enumerate(outside.to_pylist()) if one)
    return [Refusal(batch.offsets[index], "a time is not of the years 1900 to 2299") for index in sorted(bad)]
