"""A running stack as a test sees it: commands to run, topics to fill and to read."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime

from confluent_kafka import Producer
from footfall_analytics.running.rest import FlinkRest
from footfall_schemas.codec import encode, key_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import topic
from footfall_stack.testing import StackHandle

from support.kafka import read_topic
from support.oracle import Message, Row
from support.outputs import final_rows

HISTORY = {"ANALYTICS_QUIET_MARGIN": "36500d"}
"""For a shop whose past is published part by part: the silence between them does not mean that it is today."""
UNHURRIED = HISTORY | {"ANALYTICS_CHECKPOINT_INTERVAL": "3s"}
"""The same, where nobody waits for the next second: an idle job takes 0.46 instead of 0.69 of a core."""


@dataclass
class Shop:
    """The stack and its clients."""

    stack: StackHandle

    def __post_init__(self) -> None:
        self.kafka = self.stack.env["KAFKA_BOOTSTRAP_SERVERS"]
        self.registry = SchemaRegistry(self.stack.env["SCHEMA_REGISTRY_URL"])
        self.flink = FlinkRest(self.stack.env["FLINK_REST_URL"])

    def generate(self, *options: str) -> None:
        self.run("generate", "--rate", "max", *options)

    def run(self, *arguments: str) -> str:
        """Run a `footfall` command to its end and return what it says."""
        return finish(self.begin(*arguments))

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a `footfall` command."""
        command = [sys.executable, "-m", "footfall_stack", *arguments]
        return subprocess.Popen(
            command, env=os.environ | self.stack.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def publish(self, name: str, *records: Row) -> None:
        described = topic(name)
        schema_id = self.registry.register(described)
        producer = Producer({"bootstrap.servers": self.kafka, "partitioner": "murmur2_random"})
        for record in records:
            producer.produce(name, encode(schema_id, described.schema, record), key_of(described, record))
        assert producer.flush(30) == 0

    def read(self, name: str, *, prefix: str = "") -> list[Message]:
        return read_topic(self.kafka, self.registry, name, prefix=prefix)

    def rows(self, name: str, until: datetime, *, prefix: str = "") -> list[Row]:
        """Return an output's final rows as the oracle writes them."""
        return final_rows(name, self.read(name, prefix=prefix), until)


def finish(command: "subprocess.Popen[str]") -> str:
    """Wait for a command that must succeed and return what it says."""
    output, _ = command.communicate()
    assert command.returncode == 0, output
    return output
