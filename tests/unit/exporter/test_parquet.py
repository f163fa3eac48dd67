"""Parquet files: whole or not at all, named by what they hold."""

import errno
import random
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from footfall_exporter.batch import NotOursError
from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.sinks.parquet import ParquetSink
from footfall_exporter.sinks.parquet_files import newest
from footfall_exporter.streams import Stream, choose
from footfall_schemas.topics import Json

from support.exporting import some_row
from support.sink_conformance import DAY, batch_of

(SESSIONS,) = choose(["sessions"])


def some(stream: Stream, seed: int) -> Json:
    return some_row(stream, random.Random(seed))


@pytest.fixture
def sink(tmp_path: Path) -> ParquetSink:
    return ParquetSink(fsspec.filesystem("file"), str(tmp_path))


def test_names_hold_topic_partition_and_offsets_and_are_the_progress(sink: ParquetSink, tmp_path: Path) -> None:
    assert sink.progress(SESSIONS, 0) == 0
    sink.write(batch_of(SESSIONS, 5, [("k", some(SESSIONS, 1)), ("k", some(SESSIONS, 2))], time=DAY))
    (file,) = tmp_path.rglob("*.parquet")
    assert str(file.relative_to(tmp_path)) == f"sessions/day=1970-01-02/sessions-0-{5:020d}.parquet"
    assert sink.progress(SESSIONS, 0) == 7
    assert sink.progress(SESSIONS, 1) == 0


def test_docs_are_in_the_files(sink: ParquetSink, tmp_path: Path) -> None:
    sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1))]))
    (file,) = tmp_path.rglob("*.parquet")
    schema = pq.read_schema(file)
    assert schema.field("user_id").metadata[b"doc"]
    assert pa.types.is_list(schema.field("revenue").type)


def test_a_full_disk_leaves_nothing_and_is_said(
    sink: ParquetSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    given = batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1))])
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
        sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1))], confirm_ours=lost))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_killed_process_has_left_is_removed(sink: ParquetSink, tmp_path: Path) -> None:
    sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1)), ("k", some(SESSIONS, 2))]))
    (file,) = tmp_path.rglob("*.parquet")
    mine = file.with_name(f"sessions-0-{2:020d}.parquet.abc.partial")
    others = file.with_name(f"sessions-1-{2:020d}.parquet.abc.partial")
    for path in (mine, others):
        path.write_bytes(b"half")
    assert sink.progress(SESSIONS, 0) == 2
    assert [path.exists() for path in (mine, others, file)] == [False, True, True]


def test_of_two_who_write_from_one_offset_on_the_second_is_told(sink: ParquetSink, tmp_path: Path) -> None:
    sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1)), ("k", some(SESSIONS, 2))]))
    other = ParquetSink(fsspec.filesystem("file"), str(tmp_path))
    with pytest.raises(NotOursError, match="another instance has written"):
        other.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1))]))
    assert other.progress(SESSIONS, 0) == 2
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_where_there_are_no_links_a_file_is_looked_for_before_it_is_named(
    sink: ParquetSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1))]))
    assert sink.progress(SESSIONS, 0) == 1
    with pytest.raises(NotOursError):
        sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1)), ("k", some(SESSIONS, 2))]))


def test_a_file_that_is_not_the_exporters_is_named_with_the_cure(sink: ParquetSink, tmp_path: Path) -> None:
    sink.write(batch_of(SESSIONS, 0, [("k", some(SESSIONS, 1))]))
    (file,) = tmp_path.rglob("*.parquet")
    pq.write_table(pa.table({"x": [1]}), file)
    with pytest.raises(
        SinkUnavailableError, match=rf"{file.name} is not as the exporter wrote it.*move it away"
    ) as raised:
        sink.progress(SESSIONS, 0)
    assert raised.value.needs_action


def test_the_newest_file_is_that_with_the_greatest_offset_of_the_topic_and_partition() -> None:
    paths = [
        "a/day=1/sessions-0-00.parquet",
        "a/day=1/sessions-0-10.parquet",
        "a/day=2/x-sessions-0-30.parquet",
        "a/day=2/notes.parquet",
        "a/day=2/sessions-1-20.parquet",
    ]
    assert newest(paths, "sessions", 0) == "a/day=1/sessions-0-10.parquet"
    assert newest(paths, "sessions", 2) is None
