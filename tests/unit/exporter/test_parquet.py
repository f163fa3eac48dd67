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
from footfall_exporter.sinks.parquet_files import Range, doubles, end, ranges
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
    assert str(file.relative_to(tmp_path)) == f"sessions/day=1970-01-02/sessions-0-{5:020d}-{6:020d}.parquet"
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
