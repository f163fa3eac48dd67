"""Writes base/topics.yaml, Strimzi's description of every topic, from the facts that Footfall itself creates them by."""

from pathlib import Path
from typing import Any

import yaml
from footfall_alerting.topics import own_topics
from footfall_exporter import dead_letters as exporter
from footfall_recommender.app import DEAD_LETTER_TOPIC
from footfall_schemas.topics import Topic, load_topics

TARGET = Path(__file__).with_name("base") / "topics.yaml"
HEADER = "# Written by `make manifests` from the facts in schemas/ and the services' own topics; change those.\n"
CLUSTER = "footfall"
"""Name of the Kafka resource the topics belong to."""


def all_topics() -> list[Topic]:
    """Return the topics of the schemas and those the services add."""
    return [*load_topics().values(), *own_topics(), DEAD_LETTER_TOPIC, exporter.TOPIC]


def resource(topic: Topic) -> dict[str, Any]:
    """Return one KafkaTopic; copies are left to the broker's default, as they are when Footfall creates the topic."""
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        # Kubernetes allows no underscore in a name.
        "metadata": {"name": topic.name.replace("_", "-"), "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {"topicName": topic.name, "partitions": topic.partitions, "config": topic.config()},
    }


def manifest() -> str:
    """Return the whole file."""
    documents: str = yaml.safe_dump_all(map(resource, all_topics()), sort_keys=False)
    return HEADER + documents


if __name__ == "__main__":
    TARGET.write_text(manifest())
