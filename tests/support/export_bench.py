"""Streams of their own and a folder for their files, with a broker before them and an exporter between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient
from footfall_exporter.streams import Stream, choose
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry

from support.exporting import Difference, Exporter, Feed, compare, wait_equal
from support.kafka import wait_until


@dataclass(frozen=True)
class Around:
    """What a bench stands in.

    Args:
        kafka: Bootstrap servers.
        registry: Address.
        env: What a service must find in its environment to use them.
        prefix: Of the topics.
        folder: For files and log.
    """

    kafka: str
    registry: str
    env: Mapping[str, str]
    prefix: str
    folder: Path


class Bench:
    """Topics of these streams, and a folder for their files."""

    def __init__(self, around: Around, *names: str) -> None:
        self.kafka, self.prefix = around.kafka, around.prefix
        self.root = around.folder / "exported"
        self.log = around.folder / "exporter.log"
        self.streams = choose(names, self.prefix)
        self.registry = SchemaRegistry(around.registry)
        self.client = {"bootstrap.servers": self.kafka}
        ensure_topics(self.client, [stream.topic for stream in self.streams], prefix=self.prefix)
        self.feed = Feed(self.kafka, self.registry)
        self.env = {
            **around.env,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            "SCHEMA_REGISTRY_URL": around.registry,
            "EXPORTER_TOPIC_PREFIX": self.prefix,
            "EXPORTER_PARQUET_URL": str(self.root),
            "EXPORTER_PARQUET_STREAMS": ",".join(names),
            "EXPORTER_BATCH_TIME": "500ms",
            # Of a killed instance the group knows as soon as it can.
            "EXPORTER_SESSION_TIMEOUT": "6s",
        }

    def differences(self, exporter: Exporter) -> list[Difference]:
        """Wait until everything is exported; return what differs then."""
        found = wait_equal(self.streams, self.root, self.kafka, self.registry, exporter, seconds=100)
        return [each for each in found if not each.is_none]

    def wait_exported(self, *streams: Stream, seconds: float = 60) -> None:
        """Wait until the files hold what these topics hold, whatever becomes of others."""
        wait_until(
            lambda: all(compare(each, self.root, self.kafka, self.registry).is_none for each in streams),
            seconds=seconds,
            what=", ".join(each.name for each in streams),
        )

    def wait_told(self, exporter: Exporter, text: str, *, seconds: float = 30) -> None:
        """Wait until the exporter's health says something."""
        told: Callable[[], str] = exporter.detail
        wait_until(lambda: text in told(), seconds=seconds, what=lambda: f"{text!r} is said; it says {told()!r}")

    def make_anew(self, stream: Stream) -> None:
        """Delete a topic and make it again."""
        admin = AdminClient(self.client)
        admin.delete_topics([stream.kafka_topic])[stream.kafka_topic].result(30)

        def made() -> bool:
            return stream.kafka_topic in ensure_topics(self.client, [stream.topic], prefix=self.prefix)

        wait_until(made, seconds=30, what="the topic anew")

    def forget_offsets(self) -> None:
        """Delete the group, once nobody is in it."""
        admin = AdminClient(self.client)
        group = f"{self.prefix}exporter-parquet"

        def gone() -> bool:
            (answer,) = admin.delete_consumer_groups([group]).values()
            return answer.exception(30) is None

        wait_until(gone, seconds=90, what="the group is empty")
