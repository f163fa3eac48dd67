"""Indices of a real OpenSearch node, as whoever searches them sees them."""

import base64
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
from footfall_exporter.sink import Sink, SinkUnavailableError
from footfall_exporter.sinks.opensearch import OpenSearchSink
from footfall_exporter.sinks.opensearch_client import Client
from footfall_exporter.sinks.opensearch_mapping import OURS, alias_of, index_of
from footfall_exporter.streams import Stream, choose
from footfall_schemas.codec import from_json, to_json
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json

from support.exporting import Difference, kept, some_row
from support.kafka import read_raw, wait_until

PAGE = 5000
"""Documents of one search."""


@dataclass
class Indices:
    """The indices of one prefix.

    Args:
        url: Of the cluster.
        prefix: Before their names.
    """

    url: str
    prefix: str
    options: dict[str, Any] = field(default_factory=dict)
    """How its adapters are made besides."""

    def open(self) -> Sink:
        client = Client(self.url, headers={}, timeout=60)
        return OpenSearchSink(client, prefix=self.prefix, **({"refresh": "true"} | self.options))

    def rows(self, stream: Stream) -> list[Json]:
        """Return what the alias holds, as the contract decodes it."""
        return [_decoded(stream, hit["_source"]) for hit in self.hits(stream)]

    def refused(self) -> tuple[Stream, Json]:
        """Return a row with a number that JSON does not have."""
        (rates,) = choose(["conversion_rates"])
        return rates, some_row(rates, random.Random(1)) | {"cart_rate": float("nan")}

    def hits(self, stream: Stream, *, everything: bool = False) -> list[Json]:
        """Return the rows as documents with ids and versions; of everything deletions and progress, too."""
        place = index_of(stream, self.prefix) if everything else alias_of(stream, self.prefix)
        if httpx.get(f"{self.url}/{place}", timeout=60).status_code == httpx.codes.NOT_FOUND:
            return []
        self.ask("POST", f"{place}/_refresh")
        found: list[Json] = []
        ask: Json = {"size": PAGE, "sort": ["_doc"], "version": True, "seq_no_primary_term": True}
        answer = self.ask("POST", f"{place}/_search?scroll=1m", ask)
        while answer["hits"]["hits"]:
            found += answer["hits"]["hits"]
            answer = self.ask("POST", "_search/scroll", {"scroll": "1m", "scroll_id": answer["_scroll_id"]})
        self.ask("DELETE", "_search/scroll", {"scroll_id": answer["_scroll_id"]})
        return found

    def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Return what the cluster answers."""
        return httpx.request(method, f"{self.url}/{path}", json=body, timeout=60).raise_for_status().json()

    def clear(self) -> None:
        """Delete every index of the prefix."""
        for name in httpx.get(f"{self.url}/{self.prefix}*", timeout=60).raise_for_status().json():
            self.ask("DELETE", name)


def _decoded(stream: Stream, source: Json) -> Json:
    row = from_json(stream.topic.schema, source)
    for each in stream.topic.schema["fields"]:
        if "bytes" in _names(each["type"]) and isinstance(row[each["name"]], str):
            row[each["name"]] = base64.b64decode(row[each["name"]])
    return row | {name: source[name] for name in ("_partition", "_offset") if name in source}


def _names(type_: Any) -> list[Any]:
    return type_ if isinstance(type_, list) else [type_]


def compare(stream: Stream, indices: Indices, kafka: str, registry: SchemaRegistry) -> Difference:
    """Return how an index differs from the topic; a stale row is missing once and one too many once."""
    wanted = kept(stream, kafka, registry)
    left, right = (Counter(repr(to_json(row)) for row in rows) for rows in (indices.rows(stream), wanted))
    return Difference(stream.name, len(wanted), (right - left).total(), (left - right).total())


def wait_stored(
    streams: Iterable[Stream], indices: Indices, kafka: str, what: Callable[[], str], *, seconds: float = 200
) -> None:
    """Wait until the indices say of every partition that it is stored to its end."""
    left = {
        (stream.name, message.partition()): (stream, message.offset() + 1)
        for stream in streams
        for message in read_raw(kafka, stream.kafka_topic)
    }
    sink = indices.open()

    def stored() -> bool:
        try:
            for (name, partition), (stream, end) in list(left.items()):
                if sink.progress(stream, partition) != end:
                    return False
                del left[name, partition]
        except SinkUnavailableError:
            return False
        return True

    try:
        wait_until(stored, seconds=seconds, what=lambda: f"{sorted(left)} are stored; {what()}")
    finally:
        sink.close()


def forget_progress(streams: Iterable[Stream], indices: Indices) -> None:
    """Make the exporter begin with the topics' first rows again."""
    for stream in streams:
        query = {"term": {f"{OURS}.kind": "progress"}}
        place = index_of(stream, indices.prefix)
        indices.ask("POST", f"{place}/_refresh")
        indices.ask("POST", f"{place}/_delete_by_query?refresh=true", {"query": query})


def documents(streams: Iterable[Stream], indices: Indices) -> dict[str, tuple[int, int]]:
    """Return every row and deletion by index and id, with its version and the number of the operation that wrote it."""
    return {
        f"{hit['_index']}/{hit['_id']}": (hit["_version"], hit["_seq_no"])
        for stream in streams
        for hit in indices.hits(stream, everything=True)
        if hit["_source"].get(OURS, {}).get("kind") != "progress"
    }
