"""The one list of topics, read from the schema files.

Each `.avsc` under `events/`, `metrics/`, `alerts/` and `quality/` describes one topic; its `footfall` attribute holds
the facts Kafka needs (key, partitions, cleanup), so that no second list can disagree.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["events", "metrics", "alerts", "quality"]

KINDS: tuple[Kind, ...] = ("events", "metrics", "alerts", "quality")
FACTS = "footfall"
RECORDED = "recorded-"
"""Put before the name of an output topic: what a replay has computed of that stream, apart from what is live."""
ROOT = Path(__file__).resolve().parents[1]
"""Directory of the schema files; the packages are always installed editable, from a checkout."""


@dataclass(frozen=True)
class Topic:
    """One Kafka topic and the schema of its values."""

    name: str
    kind: Kind
    schema: Json
    """Avro schema of the value, without Footfall's own attributes."""
    key: tuple[str, ...]
    """Value fields that make up the record key; several are written as one JSON object."""
    partitions: int
    cleanup: Literal["delete", "compact"]
    retention_hours: int | None
    """How long records are kept after they were appended; None for compacted topics."""
    row_key: tuple[str, ...] = ()
    """Value fields that tell one row from every other, where rows are kept by key: the record key unless said otherwise."""
    max_message_bytes: int | None = None
    """None is the broker's default."""
    compaction_lag_hours: int | None = None
    """How long a compacted topic keeps a row's earlier versions at least; None: compaction may take them at once."""
    has_view: bool = True
    """Whether the job computes it, by a view of its name; the job's supervisor writes an output that has none."""
    limited: Json | None = None
    """The schema with what it says of its fields' values (`limits.py`)."""

    @property
    def subject(self) -> str:
        """Subject in the registry (TopicNameStrategy)."""
        return f"{self.name}-value"

    @property
    def reader(self) -> Json:
        """Schema for whoever reads the topic: what is beyond its limits is as good as unreadable."""
        return self.limited or self.schema

    @property
    def view(self) -> str:
        """Name of the SQL view that is published to this topic."""
        return self.name.replace("-", "_")

    @property
    def is_output(self) -> bool:
        """Whether Footfall writes it; otherwise it is an input, which the shop writes."""
        return self.kind != "events"

    @property
    def is_computed(self) -> bool:
        """Whether a view's rows are written to it, live or recorded."""
        return self.is_output and self.has_view

    @property
    def field_names(self) -> list[str]:
        """Names of the value's fields in schema order."""
        return [field["name"] for field in self.schema["fields"]]

    def config(self) -> dict[str, str]:
        """Topic configuration for Kafka.

        Retention counts from the time of appending, never from event time: a replay of old events must not be deleted
        on arrival.
        """
        config = {"message.timestamp.type": "LogAppendTime", "cleanup.policy": self.cleanup}
        if self.retention_hours is not None:
            config["retention.ms"] = str(self.retention_hours * 3_600_000)
        if self.max_message_bytes is not None:
            config["max.message.bytes"] = str(self.max_message_bytes)
        if self.compaction_lag_hours is not None:
            config["min.compaction.lag.ms"] = str(self.compaction_lag_hours * 3_600_000)
        return config

    def recorded_config(self) -> dict[str, str]:
        """Configuration of the topic that holds what replays compute of this stream: like this one's, but it can be emptied.

        Kafka empties no topic that is compacted only. Of one that is both, neither age nor size takes a row away.
        """
        if self.cleanup == "delete":
            return self.config()
        return self.config() | {
            "cleanup.policy": "compact,delete",
            "retention.ms": "-1",
            "retention.bytes": "-1",
        }


@cache
def load_topics() -> dict[str, Topic]:
    """Return every topic by name.

    Raises:
        ValueError: A schema file's name and its topic fact disagree, or the fact is missing.
    """
    topics = (_read(path, kind) for kind in KINDS for path in sorted((ROOT / kind).glob("*.avsc")))
    return {topic.name: topic for topic in topics}


def topic(name: str) -> Topic:
    """Return one topic.

    Raises:
        KeyError: No schema file is named so; the message lists those that exist.
    """
    topics = load_topics()
    if name not in topics:
        raise KeyError(f"unknown topic {name!r}; choose from {', '.join(sorted(topics))}")
    return topics[name]


def _read(path: Path, kind: Kind) -> Topic:
    schema = json.loads(path.read_text())
    facts = schema.pop(FACTS, None)
    if not facts or facts["topic"] != path.stem:
        raise ValueError(f"{path}: the '{FACTS}' attribute must name the topic {path.stem!r}")
    return Topic(
        name=facts["topic"],
        kind=kind,
        schema=_without_facts(schema),
        limited=schema,
        key=tuple(facts["key"]),
        row_key=tuple(facts.get("row_key", facts["key"])),
        partitions=facts["partitions"],
        cleanup=facts["cleanup"],
        retention_hours=facts.get("retention_hours"),
        max_message_bytes=facts.get("max_message_bytes"),
        compaction_lag_hours=facts.get("compaction_lag_hours"),
        has_view=facts.get("view", True),
    )


def _without_facts(schema: Any) -> Any:
    match schema:
        case dict():
            return {name: _without_facts(value) for name, value in schema.items() if name != FACTS}
        case list():
            return [_without_facts(item) for item in schema]
        case _:
            return schema
