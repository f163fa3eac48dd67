"""Parquet files: whole or not at all, named by what they hold, read back through DuckDB."""

import errno
import random
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from footfall_exporter.batch import Batch, Message, NotOursError
from footfall_exporter.decoding import Decoder
from footfall_exporter.sink import Life, SinkUnavailableError
from footfall_exporter.sinks.parquet import ParquetSink
from footfall_exporter.sinks.parquet_files import Range, doubles, end, ranges
from footfall_exporter.streams import Stream, choose
from footfall_exporter.views import view_of
from footfall_schemas.codec import encode
from footfall_schemas.topics import Json

from support.exporting import some_row

DAY = 86_400_000
LEVELS, SESSIONS = choose(["stock_levels", "sessions"])


def batch(stream: Stream, first: int, rows: list[tuple[str, Json | None]], *, time: int = 0, **more: Any) -> Batch:
    schema = stream.topic.schema
    messages = [
        Message(first + index, time, key.encode(), None if row is None else encode(1, schema, row))
        for index, (key, row) in enumerate(rows)
    ]
    decoded = Decoder(stream, lambda _: schema).decode(messages)
    return Batch(
        stream,
        0,
        first,
        messages[-1].offset,
        decoded.rows,
        [each.offset for each in messages],
        [key for key, _ in rows] if stream.is_upsert else (),
        [row is None for _, row in rows] if stream.is_upsert else (),
        time,
        **more,
    )


def some(stream: Stream, seed: int) -> Json:
    return some_row(stream, random.Random(seed))


@pytest.fixture
def sink(tmp_path: Path) -> ParquetSink:
    return ParquetSink(fsspec.filesystem("file"), str(tmp_path))


def text(row: Json) -> str:
    return str(row["quantity"])


def query(stream: Stream, root: Path) -> list[Json]:
    with duckdb.connect() as database:
        database.execute(view_of(stream, str(root / stream.name)))
        rows: list[Json] = database.table(stream.name).arrow().read_all().to_pylist()
    return rows


def test_names_hold_topic_partition_and_offsets_and_are_the_progress(sink: ParquetSink, tmp_path: Path) -> None:
    assert sink.progress(SESSIONS, 0) == 0
    sink.write(batch(SESSIONS, 5, [("k", some(SESSIONS, 1)), ("k", some(SESSIONS, 2))], time=DAY))
    (file,) = tmp_path.rglob("*.parquet")
    assert str(file.relative_to(tmp_path)) == f"sessions/day=1970-01-02/sessions-0-{5:020d}-{6:020d}.parquet"
    assert sink.progress(SESSIONS, 0) == 7
    assert sink.progress(SESSIONS, 1) == 0


def test_the_same_batch_twice_is_one_file(sink: ParquetSink, tmp_path: Path) -> None:
    rows: list[tuple[str, Json | None]] = [("k", some(SESSIONS, 1))]
    sink.write(batch(SESSIONS, 0, rows))
    sink.write(batch(SESSIONS, 0, rows))
    assert len(query(SESSIONS, tmp_path)) == 1


def test_the_view_has_the_latest_row_of_each_key_and_no_deleted_one(sink: ParquetSink, tmp_path: Path) -> None:
    first, second, other = (some(LEVELS, seed) for seed in (1, 2, 3))
    sink.write(batch(LEVELS, 0, [("a", first), ("b", other), ("c", other)]))
    sink.write(batch(LEVELS, 3, [("a", second), ("b", None), ("c", None), ("c", first)], time=DAY))
    assert sorted(query(LEVELS, tmp_path), key=text) == sorted([second, first], key=text)


def test_a_column_that_older_files_lack_is_null_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "stock_levels" / "day=1970-01-01"
    folder.mkdir(parents=True)
    sink = ParquetSink(fsspec.filesystem("file"), str(tmp_path))
    row = some(LEVELS, 1)
    sink.write(batch(LEVELS, 0, [("a", row)]))
    (file,) = folder.glob("*.parquet")
    pq.write_table(pq.read_table(file, partitioning=None).drop_columns(["threshold"]), file)
    sink.write(batch(LEVELS, 1, [("b", row)]))
    found = sorted((each["threshold"] is None) for each in query(LEVELS, tmp_path))
    assert found == [False, True]


def test_docs_are_in_the_files(sink: ParquetSink, tmp_path: Path) -> None:
    sink.write(batch(SESSIONS, 0, [("k", some(SESSIONS, 1))]))
    (file,) = tmp_path.rglob("*.parquet")
    schema = pq.read_schema(file)
    assert schema.field("user_id").metadata[b"doc"]
    assert pa.types.is_list(schema.field("revenue").type)


def test_a_full_disk_leaves_nothing_and_is_said(
    sink: ParquetSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    given = batch(SESSIONS, 0, [("k", some(SESSIONS, 1))])
    with monkeypatch.context() as patch:
        patch.setattr("footfall_exporter.sinks.disk.os.fsync", full)
        with pytest.raises(SinkUnavailableError, match=r"there is no room.*goes on by itself"):
            sink.write(given)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    sink.write(given)
    assert sink.progress(SESSIONS, 0) == 1


def test_who_has_lost_the_partition_leaves_nothing(sink: ParquetSink, tmp_path: Path) -> None:
    def lost() -> None:
        raise NotOursError

    with pytest.raises(NotOursError):
        sink.write(batch(SESSIONS, 0, [("k", some(SESSIONS, 1))], confirm_ours=lost))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_killed_process_has_left_is_removed(sink: ParquetSink, tmp_path: Path) -> None:
    sink.write(batch(SESSIONS, 0, [("k", some(SESSIONS, 1)), ("k", some(SESSIONS, 2))]))
    (file,) = tmp_path.rglob("*.parquet")
    mine = file.with_name(f"sessions-0-{2:020d}-{9:020d}.parquet.abc.partial")
    others = file.with_name(f"sessions-1-{2:020d}-{9:020d}.parquet.abc.partial")
    double = file.with_name(f"sessions-0-{0:020d}-{0:020d}.parquet")
    for path in (mine, others, double):
        path.write_bytes(b"half")
    assert sink.progress(SESSIONS, 0) == 2
    assert [path.exists() for path in (mine, others, double, file)] == [False, True, False, True]


def test_of_what_two_have_written_one_stays() -> None:
    def file(first: int, last: int) -> Range:
        return Range(first, last, f"{first}-{last}")

    chain = [file(0, 49), file(50, 70), file(71, 120)]
    assert doubles(chain) == []
    assert doubles([*chain, file(50, 99)]) == [file(50, 99)]
    assert doubles([*chain[:2], file(50, 99)]) == [file(50, 70)]
    assert doubles([file(0, 9), file(0, 20)]) == [file(0, 9)]
    # Offsets between files are transactions' ends: nobody has them.
    assert doubles([file(0, 9), file(12, 20)]) == []


def test_names_of_other_topics_are_left_alone() -> None:
    paths = [
        "a/sessions-0-00-09.parquet",
        "a/x-sessions-0-10-19.parquet",
        "a/notes.parquet",
        "a/sessions-1-0-3.parquet",
    ]
    assert [each.last for each in ranges(paths, "sessions", 0)] == [9]
    assert end(ranges(paths, "sessions", 1)) == 4


def test_the_manifest_keeps_the_life_of_the_topic(sink: ParquetSink) -> None:
    assert sink.life(SESSIONS) is None
    sink.begin(SESSIONS, Life("abc", 4))
    assert sink.life(SESSIONS) == Life("abc", 4)


def test_object_stores_are_written_with_one_request() -> None:
    sink = ParquetSink(fsspec.filesystem("memory"), "/footfall")
    sink.begin(SESSIONS, Life("abc", 4))
    sink.write(batch(SESSIONS, 0, [("k", some(SESSIONS, 1))]))
    assert sink.life(SESSIONS) == Life("abc", 4)
    assert sink.progress(SESSIONS, 0) == 1
