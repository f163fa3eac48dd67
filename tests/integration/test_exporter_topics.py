"""Topics that are made anew, grow or lose rows, and a disk that is full: each is named, and nothing is lost silently."""

import signal
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions
from conftest import Backbone

from support.export_bench import Around, Bench
from support.exporting import compare, exporting, files, held
from support.kafka import read_raw, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture
def around(backbone: Backbone, tmp_path: Path, request: pytest.FixtureRequest) -> Around:
    prefix = f"exp{zlib.crc32(request.node.name.encode()) % 10**6}-"
    return Around(backbone.kafka, backbone.registry, backbone.env, prefix, tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own of one mebibyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(asked, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_topic_that_was_made_anew_is_named_with_the_cure_and_other_streams_go_on(
    around: Around,
) -> None:
    bench = Bench(around, "stock_levels", "sessions")
    levels, sessions = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        exporter.kill(signal.SIGTERM)
        bench.make_anew(levels)
        before = files(bench.root / levels.name)
        bench.feed.write(bench.streams, 40)
        exporter.start()
        bench.wait_told(exporter, "was made anew")
        assert f"move {bench.root / levels.name} away" in exporter.detail()
        bench.wait_exported(sessions)
        assert files(bench.root / levels.name) == before
        # The cure.
        exporter.kill(signal.SIGTERM)
        (bench.root / levels.name).rename(bench.root.with_name("old"))
        exporter.start()
        assert bench.differences(exporter) == []


def test_a_topic_that_is_made_anew_while_it_runs_is_never_taken_for_the_old_one(
    around: Around,
) -> None:
    bench = Bench(around, "stock_levels", "sessions")
    levels, sessions = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        before = files(bench.root / levels.name)
        bench.make_anew(levels)
        bench.feed.write(bench.streams, 400)
        bench.wait_told(exporter, "was made anew")
        bench.wait_exported(sessions)
        assert files(bench.root / levels.name) == before


def test_more_partitions_stop_an_upsert_stream_while_it_runs_and_no_append_stream(
    around: Around,
) -> None:
    bench = Bench(around, "stock_levels", "sessions")
    levels, sessions = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        admin = AdminClient(bench.client)
        more = [NewPartitions(stream.kafka_topic, 6) for stream in bench.streams]
        for answer in admin.create_partitions(more).values():
            answer.result(30)
        bench.wait_told(exporter, "has 6 partitions instead of 4")
        before = files(bench.root / levels.name)
        bench.feed.write(bench.streams, 400)
        bench.wait_exported(sessions)
        assert files(bench.root / levels.name) == before


def test_rows_that_kafka_deletes_before_they_are_exported_are_counted(around: Around) -> None:
    bench = Bench(around, "sessions")
    (stream,) = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        assert exporter.process is not None
        exporter.process.send_signal(signal.SIGSTOP)
        bench.feed.write(bench.streams, 4000)
        ends = {each.partition(): each.offset() for each in read_raw(bench.kafka, stream.kafka_topic)}
        admin = AdminClient(bench.client)  # a name of its own: the requests die with the client
        asked = admin.delete_records(
            [TopicPartition(stream.kafka_topic, partition, last - 9) for partition, last in ends.items()]
        )
        for answer in asked.values():
            answer.result(30)
        exporter.process.send_signal(signal.SIGCONT)
        wait_until(
            lambda: compare(stream, bench.root, bench.kafka, bench.registry).missing == 0,
            seconds=30,
            what="what the topic still has",
        )
        there = {(row["_partition"], row["_offset"]) for row in held(stream, bench.root)}
        lost = exporter.metric("footfall_exporter_lost_rows_total")
        assert "deleted before they were exported" in exporter.detail()
        # All but what was under way when it was halted; the ends of transactions are counted, too.
        assert 0 < lost < sum(ends.values())
        assert len(there) + lost >= sum(ends.values()) - 40 * len(ends)


def test_a_full_disk_loses_nothing_and_when_there_is_room_it_goes_on_by_itself(
    around: Around, small_disk: Path
) -> None:
    bench = Bench(around, "sessions")
    bench.root = small_disk / "exported"
    bench.env["EXPORTER_PARQUET_URL"] = str(bench.root)
    with exporting(bench.env, bench.log) as exporter:
        bench.feed.write(bench.streams, 40)
        assert bench.differences(exporter) == []
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(1 << 20))
        before = files(bench.root)
        bench.feed.write(bench.streams, 400)
        bench.wait_told(exporter, "there is no room")
        assert files(bench.root) == before
        assert [path for path in bench.root.rglob("*.partial") if path.is_file()] == []
        filler.unlink()
        assert bench.differences(exporter) == []
        assert before.items() <= files(bench.root).items()
