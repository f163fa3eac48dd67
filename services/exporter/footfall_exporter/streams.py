"""The streams that can be exported, and how each is kept. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import pyarrow as pa
from footfall_schemas.topics import Topic, load_topics

from footfall_exporter.types import fields_of


@dataclass(frozen=True)
class Stream:
    """One output topic on its way into a sink."""

    topic: Topic
    prefix: str = ""
    """Before the name of the Kafka topic."""

    @property
    def name(self) -> str:
        """What a table, an index or a folder is called: the view's name."""
        return self.topic.view

    @property
    def kafka_topic(self) -> str:
        """The Kafka topic that is read."""
        return self.prefix + self.topic.name

    @property
    def is_upsert(self) -> bool:
        """Whether a row replaces the one with its key, and a tombstone deletes it; otherwise every row is kept."""
        return self.topic.cleanup == "compact"

    @cached_property
    def columns(self) -> pa.Schema:
        """The columns of its rows, in the order of the schema; in an upsert stream each may be null, for deletions."""
        return pa.schema(fields_of(self.topic.reader, nullable=self.is_upsert), {"doc": self.topic.schema["doc"]})


def choose(names: Iterable[str], prefix: str = "") -> list[Stream]:
    """Return the streams of these names; of none, all that are published.

    Args:
        names: Streams as tables or as topics are called: `stock_levels`, `related-products`.
        prefix: Before the names of Kafka's topics.

    Raises:
        ValueError: There is no such stream; the message says which there are.
    """
    by_name = {topic.view: topic for topic in load_topics().values() if topic.is_output}
    chosen = [name.replace("-", "_") for name in names] or list(by_name)
    for name in chosen:
        if name not in by_name:
            close = get_close_matches(name, by_name, n=1)
            hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(sorted(by_name))}"
            raise ValueError(f"there is no stream {name!r}: {hint}")
    return [Stream(by_name[name], prefix) for name in dict.fromkeys(chosen)]
