"""The exporter carries streams into Parquet files, exactly, whatever is killed."""

import random
import shutil
import signal
import zlib
from pathlib import Path

import pytest
from confluent_kafka import Producer
from conftest import Backbone

from support.export_bench import Around, Bench
from support.exporting import Exporter, exporting, files, random_kills
from support.kafka import read_raw, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture
def around(backbone: Backbone, tmp_path: Path, request: pytest.FixtureRequest) -> Around:
    prefix = f"exp{zlib.crc32(request.node.name.encode()) % 10**6}-"
    return Around(backbone.kafka, backbone.registry, backbone.env, prefix, tmp_path)


NAMES = ("sessions", "revenue_per_minute", "attributed_checkouts", "stock_levels", "related_products", "top_categories")


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=[pytest.mark.sinks, pytest.mark.timeout(600)])])
def test_nothing_is_missing_or_double_though_it_is_killed_and_a_replay_changes_nothing(
    around: Around, kills: int
) -> None:
    bench = Bench(around, *NAMES)
    chance = random.Random(18)
    with exporting(bench.env, bench.log) as exporter:
        for _ in range(kills):
            bench.feed.write(bench.streams, 400)
            random_kills(exporter, 1, chance, longest=4)
        assert bench.differences(exporter) == []
        before = files(bench.root)

        # Whatever the group has committed, the files say where to go on.
        exporter.kill(signal.SIGTERM)
        bench.forget_offsets()
        exporter.start()
        bench.feed.write(bench.streams, 40, transactions=1)
        assert bench.differences(exporter) == []
        assert before.items() <= files(bench.root).items()

        # From zero into an empty folder it is the same again.
        exporter.kill(signal.SIGTERM)
        shutil.rmtree(bench.root)
        exporter.start()
        assert bench.differences(exporter) == []


def test_two_instances_share_the_work(around: Around) -> None:
    bench = Bench(around, "sessions", "stock_levels")
    with exporting(bench.env, bench.log) as one:
        bench.feed.write(bench.streams, 400)
        with exporting(bench.env, bench.log.with_name("second.log")) as two:
            # Whoever comes when all is written has nothing to write.
            wait_until(lambda: two.health().get("status") == "ready", seconds=60, what="the second joins")
            bench.feed.write(bench.streams, 400)
            wait_until(lambda: two.metric("footfall_exporter_batches_total") > 0, seconds=60, what="the second writes")
            assert bench.differences(one) == []
        bench.feed.write(bench.streams, 400)
        bench.wait_exported(*bench.streams)


def test_a_row_that_cannot_be_read_is_a_dead_letter_and_the_others_are_exported(
    around: Around,
) -> None:
    bench = Bench(around, "sessions")
    (stream,) = bench.streams
    producer = Producer(bench.client)
    producer.produce(stream.kafka_topic, b"\0\0\0\0\1x", b"k", partition=0)
    assert producer.flush(30) == 0
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        wait_until(lambda: _rows(exporter) >= 30, seconds=60, what="the others")
        assert exporter.metric("footfall_exporter_refused_rows_total") == 1
    (letter,) = read_raw(bench.kafka, f"{bench.prefix}exporter-dead-letters")
    headers = dict(letter.headers())
    assert letter.value() == b"\0\0\0\0\1x"
    assert headers["source-topic"].decode() == stream.kafka_topic
    assert (headers["source-partition"], headers["source-offset"], headers["stage"]) == (b"0", b"0", b"sink parquet")
    assert headers["error"]


def _rows(exporter: Exporter) -> float:
    return exporter.metric("footfall_exporter_rows_total")
