"""The exporter carries streams into Parquet files, exactly, whatever is killed."""

import random
import shutil
import signal
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions
from conftest import Backbone
from footfall_exporter.streams import Stream, choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry

from support.exporting import Difference, Exporter, Feed, compare, exporting, files, held, random_kills, wait_equal
from support.kafka import read_raw, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.sinks, pytest.mark.timeout(300)]

NAMES = ("sessions", "revenue_per_minute", "attributed_checkouts", "stock_levels", "related_products", "top_categories")


class Bench:
    """Topics of their own, and a folder for the files."""

    def __init__(self, backbone: Backbone, folder: Path, prefix: str, names: tuple[str, ...]) -> None:
        self.backbone = backbone
        self.root = folder / "exported"
        self.log = folder / "exporter.log"
        self.prefix = prefix
        self.streams = choose(names, prefix)
        self.registry = SchemaRegistry(backbone.registry)
        self.client = {"bootstrap.servers": backbone.kafka}
        ensure_topics(self.client, [stream.topic for stream in self.streams], prefix=prefix)
        self.feed = Feed(backbone.kafka, self.registry)
        self.env = {
            **backbone.env,
            "KAFKA_BOOTSTRAP_SERVERS": backbone.kafka,
            "SCHEMA_REGISTRY_URL": backbone.registry,
            "EXPORTER_TOPIC_PREFIX": prefix,
            "EXPORTER_PARQUET_URL": str(self.root),
            "EXPORTER_PARQUET_STREAMS": ",".join(names),
            "EXPORTER_BATCH_TIME": "500ms",
            # Of a killed instance the group knows as soon as it can.
            "EXPORTER_SESSION_TIMEOUT": "6s",
        }

    def differences(self, exporter: Exporter) -> list[Difference]:
        found = wait_equal(self.streams, self.root, self.backbone.kafka, self.registry, exporter, seconds=100)
        return [each for each in found if not each.is_none]


@pytest.fixture
def place(backbone: Backbone, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Backbone, Path, str]:
    return backbone, tmp_path, f"exp{abs(hash(request.node.name)) % 10**6}-"


def test_nothing_is_missing_or_double_though_it_is_killed_and_a_replay_changes_nothing(
    place: tuple[Backbone, Path, str],
) -> None:
    bench = Bench(*place, NAMES)
    chance = random.Random(18)
    with exporting(bench.env, bench.log) as exporter:
        for _ in range(3):
            bench.feed.write(bench.streams, 400)
            random_kills(exporter, 1, chance, longest=4)
        assert bench.differences(exporter) == []
        before = files(bench.root)

        # Whatever the group has committed, the files say where to go on.
        exporter.kill()
        _forget_offsets(bench)
        exporter.start()
        bench.feed.write(bench.streams, 40, transactions=1)
        assert bench.differences(exporter) == []
        assert before.items() <= files(bench.root).items()

        # From zero into an empty folder it is the same again.
        exporter.kill()
        shutil.rmtree(bench.root)
        exporter.start()
        assert bench.differences(exporter) == []


def test_two_instances_share_the_work(place: tuple[Backbone, Path, str]) -> None:
    bench = Bench(*place, ("sessions", "stock_levels"))
    with exporting(bench.env, bench.log) as one:
        bench.feed.write(bench.streams, 400)
        with exporting(bench.env, bench.log.with_name("second.log")) as two:
            # Whoever comes when all is written has nothing to write.
            wait_until(lambda: two.health().get("status") == "ready", seconds=60, what="the second joins")
            bench.feed.write(bench.streams, 400)
            wait_until(lambda: two.metric("footfall_exporter_batches_total") > 0, seconds=60, what="the second writes")
            assert bench.differences(one) == []
        bench.feed.write(bench.streams, 400)
        wait_until(
            lambda: all(
                compare(each, bench.root, bench.backbone.kafka, bench.registry).is_none for each in bench.streams
            ),
            seconds=90,
            what="the first takes over what the killed one had",
        )


def test_a_row_that_cannot_be_read_is_a_dead_letter_and_the_others_are_exported(
    place: tuple[Backbone, Path, str],
) -> None:
    bench = Bench(*place, ("sessions",))
    (stream,) = bench.streams
    producer = Producer(bench.client)
    producer.produce(stream.kafka_topic, b"\0\0\0\0\1x", b"k", partition=0)
    assert producer.flush(30) == 0
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        wait_until(lambda: _rows(exporter) >= 30, seconds=60, what="the others")
        assert exporter.metric("footfall_exporter_refused_rows_total") == 1
    (letter,) = read_raw(bench.backbone.kafka, f"{bench.prefix}exporter-dead-letters")
    headers = dict(letter.headers())
    assert letter.value() == b"\0\0\0\0\1x"
    assert headers["source-topic"].decode() == stream.kafka_topic
    assert (headers["source-partition"], headers["source-offset"], headers["stage"]) == (b"0", b"0", b"sink parquet")
    assert headers["error"]


def test_a_topic_that_was_made_anew_is_named_with_the_cure_and_other_streams_go_on(
    place: tuple[Backbone, Path, str],
) -> None:
    bench = Bench(*place, ("stock_levels", "sessions"))
    levels, sessions = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        exporter.kill()
        _make_anew(bench, levels)
        before = files(bench.root / levels.name)
        bench.feed.write(bench.streams, 40)
        exporter.start()
        wait_until(lambda: "was made anew" in exporter.detail(), seconds=60, what=exporter.detail)
        assert f"move {bench.root / levels.name} away" in exporter.detail()
        wait_until(
            lambda: compare(sessions, bench.root, bench.backbone.kafka, bench.registry).is_none,
            seconds=60,
            what="the other stream",
        )
        assert files(bench.root / levels.name) == before
        # The cure.
        exporter.kill()
        (bench.root / levels.name).rename(bench.root.with_name("old"))
        exporter.start()
        assert bench.differences(exporter) == []


def test_a_topic_that_is_made_anew_while_it_runs_is_never_taken_for_the_old_one(
    place: tuple[Backbone, Path, str],
) -> None:
    bench = Bench(*place, ("stock_levels", "sessions"))
    levels, sessions = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        before = files(bench.root / levels.name)
        _make_anew(bench, levels)
        bench.feed.write(bench.streams, 400)
        wait_until(lambda: "was made anew" in exporter.detail(), seconds=30, what=exporter.detail)
        wait_until(
            lambda: compare(sessions, bench.root, bench.backbone.kafka, bench.registry).is_none,
            seconds=30,
            what="the other stream",
        )
        assert files(bench.root / levels.name) == before


def test_more_partitions_stop_an_upsert_stream_while_it_runs_and_no_append_stream(
    place: tuple[Backbone, Path, str],
) -> None:
    bench = Bench(*place, ("stock_levels", "sessions"))
    levels, sessions = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        admin = AdminClient(bench.client)
        more = [NewPartitions(stream.kafka_topic, 6) for stream in bench.streams]
        for answer in admin.create_partitions(more).values():
            answer.result(30)
        wait_until(lambda: "has 6 partitions instead of 4" in exporter.detail(), seconds=30, what=exporter.detail)
        before = files(bench.root / levels.name)
        bench.feed.write(bench.streams, 400)
        wait_until(
            lambda: compare(sessions, bench.root, bench.backbone.kafka, bench.registry).is_none,
            seconds=60,
            what="the other stream, new partitions included",
        )
        assert files(bench.root / levels.name) == before


def test_rows_that_kafka_deletes_before_they_are_exported_are_counted(place: tuple[Backbone, Path, str]) -> None:
    bench = Bench(*place, ("sessions",))
    (stream,) = bench.streams
    bench.feed.write(bench.streams, 40)
    with exporting(bench.env, bench.log) as exporter:
        assert bench.differences(exporter) == []
        assert exporter.process is not None
        exporter.process.send_signal(signal.SIGSTOP)
        bench.feed.write(bench.streams, 4000)
        ends = {each.partition(): each.offset() for each in read_raw(bench.backbone.kafka, stream.kafka_topic)}
        admin = AdminClient(bench.client)  # a name of its own: the requests die with the client
        asked = admin.delete_records(
            [TopicPartition(stream.kafka_topic, partition, last - 9) for partition, last in ends.items()]
        )
        for answer in asked.values():
            answer.result(30)
        exporter.process.send_signal(signal.SIGCONT)
        wait_until(
            lambda: compare(stream, bench.root, bench.backbone.kafka, bench.registry).missing == 0,
            seconds=30,
            what="what the topic still has",
        )
        there = {(row["_partition"], row["_offset"]) for row in held(stream, bench.root)}
        lost = exporter.metric("footfall_exporter_lost_rows_total")
        assert "deleted before they were exported" in exporter.detail()
        # All but what was under way when it was halted; the ends of transactions are counted, too.
        assert 0 < lost < sum(ends.values())
        assert len(there) + lost >= sum(ends.values()) - 40 * len(ends)


def _rows(exporter: Exporter) -> float:
    return exporter.metric("footfall_exporter_rows_total")


def _forget_offsets(bench: Bench) -> None:
    admin = AdminClient(bench.client)
    group = f"{bench.prefix}exporter-parquet"

    def gone() -> bool:
        (answer,) = admin.delete_consumer_groups([group]).values()
        return answer.exception(30) is None

    wait_until(gone, seconds=90, what="the group is empty")


def _make_anew(bench: Bench, stream: Stream) -> None:
    admin = AdminClient(bench.client)
    admin.delete_topics([stream.kafka_topic])[stream.kafka_topic].result(30)

    def made() -> bool:
        return stream.kafka_topic in ensure_topics(bench.client, [stream.topic], prefix=bench.prefix)

    wait_until(made, seconds=30, what="the topic anew")
