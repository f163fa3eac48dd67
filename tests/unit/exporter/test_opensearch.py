"""Bulk requests and their answers: of a half-failed one only what failed comes again; what will never be taken is named."""

import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from footfall_chassis.settings import SettingsError
from footfall_exporter.batch import Batch
from footfall_exporter.sink import Outcome, SinkUnavailableError
from footfall_exporter.sinks import opensearch_bulk as bulk
from footfall_exporter.sinks.opensearch import OpenSearchSettings, OpenSearchSink
from footfall_exporter.sinks.opensearch_client import Client
from footfall_exporter.sinks.opensearch_mapping import lacks, life_of, mapping_of, new_index, properties_of
from footfall_exporter.streams import Stream, choose
from footfall_schemas.topics import Json

from support.exporting import some_row
from support.sink_conformance import batch_of

LEVELS, SESSIONS, REVENUE, RELATED, RATES = choose(
    ["stock_levels", "sessions", "revenue_per_minute", "related_products", "conversion_rates"]
)
BAD = {
    "type": "mapper_parsing_exception",
    "reason": "failed to parse field [x]",
    "caused_by": {"type": "a", "reason": "b"},
}
BUSY = {"type": "rejected_execution_exception", "reason": "queue is full"}


def some(stream: Stream, seed: int) -> Json:
    return some_row(stream, random.Random(seed))


def levels(*keys: str) -> Batch:
    return batch_of(LEVELS, 10, [(key, some(LEVELS, number)) for number, key in enumerate(keys)])


def lines(batch: Batch, rows: list[int]) -> list[Json]:
    text = b"".join(action.body for action in bulk.actions(batch, rows, {}))
    return [json.loads(line) for line in text.splitlines()]


class Cluster:
    """Answers bulk requests: by id, with what it was told of the document; keeps what it was asked."""

    def __init__(self, answers: dict[str, tuple[int, Json]] | None = None) -> None:
        self.answers = answers or {}
        self.bulks: list[list[Json]] = []
        self.progress: list[tuple[str, Json]] = []
        self.whole: list[httpx.Response] = []
        """Answers to whole requests, before any is taken."""
        self.most = 10**9
        """Bytes of a request."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/_bulk"):
            self.progress.append((str(request.url), json.loads(request.content)))
            return httpx.Response(200, json={})
        if self.whole:
            return self.whole.pop(0)
        if len(request.content) > self.most:
            return httpx.Response(413)
        documents = [json.loads(line) for line in request.content.splitlines()]
        self.bulks.append(documents)
        items = [self._item(action) for action in documents[::2]]
        failed = any("error" in item["index"] for item in items)
        return httpx.Response(200, json={"errors": failed, "items": items})

    def _item(self, action: Json) -> Json:
        (told,) = action.values()
        status, error = self.answers.get(told["_id"], (201, {}))
        return {"index": {"_id": told["_id"], "status": status} | ({"error": error} if error else {})}


def sink(cluster: Callable[[httpx.Request], httpx.Response], **more: Any) -> OpenSearchSink:
    client = Client("http://search", headers={}, timeout=5, transport=httpx.MockTransport(cluster))
    return OpenSearchSink(client, **more)


def test_an_upsert_row_has_its_key_as_id_and_its_offset_as_version() -> None:
    action, document = lines(levels("a"), [0])
    assert action == {"index": {"_id": "a", "version": 11, "version_type": "external"}}
    assert document["quantity"] == some(LEVELS, 0)["quantity"]


def test_a_deletion_is_remembered_in_place_of_the_row_so_that_an_older_one_cannot_come_back() -> None:
    batch = batch_of(LEVELS, 4, [("a", None)], time=77)
    action, document = lines(batch, [0])
    assert action["index"]["version"] == 5
    assert document == {"_exporter": {"kind": "deleted", "deleted_at": 77}}


def test_an_append_row_is_told_apart_by_topic_partition_and_offset() -> None:
    action, document = lines(batch_of(SESSIONS, 7, [("k", some(SESSIONS, 1))], partition=2), [0])
    assert action == {"create": {"_id": "sessions-2-7"}}
    assert (document["_partition"], document["_offset"]) == (2, 7)


def test_decimals_are_exact_text_and_times_are_in_utc() -> None:
    row = some(REVENUE, 1) | {"profit": Decimal("-0.0000000001"), "gross": Decimal("0.000000")}
    _, document = lines(batch_of(REVENUE, 0, [("", row)]), [0])
    assert (document["profit"], document["gross"]) == ("-0.0000000001", "0.000000")
    assert document["window_start"] == row["window_start"].isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_of_a_key_only_the_last_row_is_sent() -> None:
    assert bulk.latest(["a", "b", "a", "a"], range(4)) == ([3, 1], {3: [0, 2], 1: []})
    assert bulk.latest((), range(3)) == ([0, 1, 2], {})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"key": ""}, "its key is empty"),
        ({"key": "ü" * 257}, "more than the 512 bytes"),
        ({"key": "_exporter:progress:0"}, "as the exporter's own documents do"),
    ],
)
def test_a_key_that_no_document_can_have_is_refused(row: dict[str, str], reason: str) -> None:
    refused: dict[int, str] = {}
    assert list(bulk.actions(levels(row["key"]), [0], refused)) == []
    assert reason in refused[0]


def test_a_number_that_is_not_finite_is_refused() -> None:
    refused: dict[int, str] = {}
    row = some(RATES, 1) | {"cart_rate": float("nan")}
    assert list(bulk.actions(batch_of(RATES, 0, [("", row)]), [0], refused)) == []
    assert "not finite" in refused[0]


def test_requests_are_of_so_many_bytes_or_of_one_row() -> None:
    given = [bulk.Action(row, b"x" * size) for row, size in enumerate((4, 4, 9, 1, 1))]
    assert [[each.row for each in group] for group in bulk.requests(given, 8)] == [[0, 1], [2], [3, 4]]


def test_answers_of_each_row_are_told_apart() -> None:
    group = [bulk.Action(row, b"") for row in range(6)]
    items: list[dict[str, Json]] = [
        {"index": {"status": 201}},
        {"index": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "newer"}}},
        {"index": {"status": 429, "error": BUSY}},
        {"index": {"status": 400, "error": BAD}},
        {"index": {"status": 404, "error": {"type": "index_not_found_exception", "reason": "no such index"}}},
        {
            "index": {
                "status": 400,
                "error": {"type": "illegal_argument_exception", "reason": f"{bulk.OF_THE_INDEX} for x"},
            }
        },
    ]
    found = bulk.judge(group, items)
    assert found.refused == {3: "mapper_parsing_exception: failed to parse field [x] (a: b)"}
    assert sorted(found.again) == [2, 4, 5]
    assert "restart the exporter" in found.again[4]


def test_of_a_half_failed_bulk_rows_come_again_or_are_refused_and_progress_is_not_kept() -> None:
    cluster = Cluster({"b": (429, BUSY), "c": (400, BAD), "d": (409, {"type": "version_conflict", "reason": "newer"})})
    outcome = sink(cluster).write(levels("a", "b", "c", "d"))
    assert outcome.again == [1]
    assert "queue is full" in outcome.why
    assert [each.offset for each in outcome.refused] == [12]
    assert cluster.progress == []


def test_progress_follows_the_rows() -> None:
    cluster = Cluster()
    assert sink(cluster).write(levels("a")) == Outcome([], [], "", None)
    ((place, document),) = cluster.progress
    assert place == "http://search/footfall-stock_levels/_doc/_exporter%3Aprogress%3A0?require_alias=true"
    assert document == {"_exporter": {"kind": "progress", "next": 11}}


def test_rows_come_again_until_it_is_kept_that_they_are_stored() -> None:
    cluster = Cluster()

    def answer(request: httpx.Request) -> httpx.Response:
        keeps, is_first = not request.url.path.endswith("/_bulk"), not cluster.progress
        answered = cluster(request)
        return httpx.Response(503, json={"error": BUSY}) if keeps and is_first else answered

    batch, kept = levels("a"), sink(answer)
    with pytest.raises(SinkUnavailableError, match="queue is full"):
        kept.write(batch)
    assert kept.write(batch) == Outcome([], [], "", None)
    assert len(cluster.bulks) == len(cluster.progress) == 2


def test_in_place_of_a_refused_row_stands_the_one_before_it() -> None:
    cluster = Cluster({"a": (400, BAD)})
    batch = levels("a", "a", "b")

    def answer(request: httpx.Request) -> httpx.Response:
        found = cluster(request)
        cluster.answers = {}
        return found

    outcome = sink(answer).write(batch)
    assert [each.offset for each in outcome.refused] == [11]
    sent = [[action["index"]["version"] for action in each[::2]] for each in cluster.bulks]
    assert sent == [[12, 13], [11]]


def test_a_request_that_is_too_large_is_halved_and_a_row_that_is_too_large_is_refused() -> None:
    cluster = Cluster()
    batch = levels("a", "b", "c", "d" * 400)
    sizes = [len(action.body) for action in bulk.actions(batch, range(4), {})]
    cluster.most = sum(sizes) - 1
    assert sink(cluster).write(batch) == Outcome([], [], "", None)
    assert [[each["index"]["_id"][0] for each in sent[::2]] for sent in cluster.bulks] == [["a", "b"], ["c", "d"]]
    cluster.most = sizes[3] - 1
    (refusal,) = sink(cluster).write(batch).refused
    assert (refusal.offset, "http.max_content_length" in refusal.reason) == (13, True)


def test_a_cluster_that_is_busy_says_for_how_long() -> None:
    cluster = Cluster()
    cluster.whole = [httpx.Response(429, headers={"Retry-After": "7"}, json={"error": BUSY})]
    with pytest.raises(SinkUnavailableError, match="queue is full") as found:
        sink(cluster).write(levels("a"))
    assert (found.value.retry_after, found.value.needs_action) == (7, False)


def test_what_a_later_request_did_not_take_comes_again_alone() -> None:
    cluster = Cluster()

    def answer(request: httpx.Request) -> httpx.Response:
        if b'"_id":"a"' not in request.content:
            raise httpx.ConnectError("gone")
        return cluster(request)

    outcome = sink(answer, request_size=1).write(levels("a", "b", "c", "d"))
    assert outcome.again == [1, 2, 3]
    assert len(cluster.bulks) == 1
    assert cluster.progress == []
    assert "gone" in outcome.why


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_is_refused_needs_a_person(status: int) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json={"error": "no"})

    with pytest.raises(SinkUnavailableError, match="EXPORTER_OPENSEARCH_") as found:
        sink(answer).write(levels("a"))
    assert found.value.needs_action


def test_each_column_has_a_type_and_a_doc() -> None:
    for stream in choose(()):
        mapping = mapping_of(stream)
        assert set(stream.columns.names) <= set(mapping["properties"]), stream.name
        assert set(stream.columns.names) <= set(mapping["_meta"]["columns"]), stream.name
        assert mapping["dynamic"] == "strict"
    found = properties_of(REVENUE)
    assert found["revenue"]["fields"] == {"number": {"type": "double"}}
    # To index the text besides would take as much again.
    assert (found["revenue"]["index"], found["revenue"]["doc_values"]) == (False, False)
    assert found["window_start"]["type"] == "date"
    assert properties_of(RELATED)["related"]["type"] == "nested"
    assert mapping_of(RELATED)["_meta"]["columns"]["related.score"]


def test_the_alias_hides_what_is_no_row() -> None:
    (filtered,) = new_index(LEVELS, "shop-")["aliases"].items()
    assert filtered[0] == "shop-stock_levels"
    assert filtered[1]["filter"] == {"bool": {"must_not": {"exists": {"field": "_exporter.kind"}}}}


def test_a_mapping_that_grows_keeps_what_it_remembers() -> None:
    held = mapping_of(LEVELS)
    assert life_of(held) is None
    assert not lacks(held, mapping_of(LEVELS, held))
    held["_meta"] |= {"topic_id": "x", "partitions": 3}
    del held["properties"]["threshold"]
    grown = mapping_of(LEVELS, held)
    assert lacks(held, grown)
    assert grown["_meta"]["topic_id"] == "x"


def test_settings_refuse_two_logins_and_a_login_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPORTER_OPENSEARCH_URL", "http://me:hush@search:9200")
    with pytest.raises(SettingsError, match="EXPORTER_OPENSEARCH_USER") as found:
        OpenSearchSettings.load()
    assert "hush" not in str(found.value)
    monkeypatch.setenv("EXPORTER_OPENSEARCH_URL", "https://search:9200/")
    monkeypatch.setenv("EXPORTER_OPENSEARCH_USER", "me")
    monkeypatch.setenv("EXPORTER_OPENSEARCH_PASSWORD", "hush")
    settings = OpenSearchSettings.load()
    assert settings.url == "https://search:9200"
    assert settings.headers() == {"Authorization": "Basic bWU6aHVzaA=="}
    assert "hush" not in repr(settings)
    monkeypatch.setenv("EXPORTER_OPENSEARCH_CA_LOCATION", "/nowhere/ca.pem")
    with pytest.raises(SettingsError, match=r"EXPORTER_OPENSEARCH_CA_LOCATION: .*/nowhere/ca\.pem is no file"):
        OpenSearchSettings.load()
    monkeypatch.delenv("EXPORTER_OPENSEARCH_CA_LOCATION")
    monkeypatch.setenv("EXPORTER_OPENSEARCH_API_KEY", "abc")
    with pytest.raises(SettingsError, match="two logins"):
        OpenSearchSettings.load()
