"""Bulk requests of rows, and what the answers say of each. Pure."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from footfall_schemas.errors import PermanentError

from footfall_exporter.batch import Batch
from footfall_exporter.sinks.opensearch_mapping import OURS
from footfall_exporter.streams import Stream

MOST_ID_BYTES = 512
"""Of a document's id."""
SLICE = 1000
"""Rows that are made documents at a time, so that few are in memory twice."""
CONFLICT, BAD_REQUEST, TOO_LARGE = 409, 400, 413
OF_THE_ROW = ("mapper_parsing_exception", "document_parsing_exception", "illegal_argument_exception", "parse_exception")
"""Errors for which a row is to blame; of all others it is the index, the cluster or we."""
GONE = "index_not_found_exception"
CURE = "the index is gone: restart the exporter, which makes it anew and fills it from the topic's first row"
OF_THE_INDEX = "no write index is defined"
"""Said with an error that is a row's otherwise."""


class UnfitRowError(PermanentError):
    """A row that no search engine takes; the message says why."""


@dataclass(frozen=True)
class Action:
    """One document on its way.

    Args:
        row: Index of the row in its batch.
        body: Its lines in the request.
    """

    row: int
    body: bytes


@dataclass
class Verdicts:
    """What became of rows; those that are named nowhere are stored, or were before, or a newer one is."""

    refused: dict[int, str] = field(default_factory=dict)
    """By row, why it will never be taken."""
    again: dict[int, str] = field(default_factory=dict)
    """By row, why it was not taken now."""
    retry_after: float | None = None
    """Seconds that the cluster asks to be left alone."""

    def add(self, others: "Verdicts") -> None:
        """Take up what became of other rows."""
        self.refused |= others.refused
        self.again |= others.again


def progress_id(partition: int) -> str:
    """Return the id of the document that says how far a partition is stored; no row has it."""
    return f"{OURS}:progress:{partition}"


def progress_document(following: int) -> dict[str, Any]:
    """Return that document."""
    return {OURS: {"kind": "progress", "next": following}}


def latest(keys: Sequence[str], rows: Iterable[int]) -> tuple[list[int], dict[int, list[int]]]:
    """Return which rows are to be sent: of each key the last; of an append stream, which has no keys, all.

    A row that were sent beside a later one of its key and failed alone could come back behind a deletion.

    Returns:
        The rows, and by row the earlier ones of its key.
    """
    if not keys:
        return list(rows), {}
    by_key: dict[str, list[int]] = {}
    for row in rows:
        by_key.setdefault(keys[row], []).append(row)
    return [each[-1] for each in by_key.values()], {each[-1]: each[:-1] for each in by_key.values()}


def actions(batch: Batch, rows: Sequence[int], refused: dict[int, str]) -> Iterator[Action]:
    """Yield a document for each of these rows.

    Args:
        batch: Where they are.
        rows: Their indices.
        refused: Takes up those that have none, with the reason.
    """
    for start in range(0, len(rows), SLICE):
        some = rows[start : start + SLICE]
        for row, document in zip(some, _documents(batch.rows.take(pa.array(some, pa.int64()))), strict=True):
            try:
                yield Action(row, _lines(batch, row, document))
            except UnfitRowError as error:
                refused[row] = str(error)


def requests(given: Iterable[Action], size: int) -> Iterator[list[Action]]:
    """Yield actions in groups of so many bytes at most, or of one."""
    group: list[Action] = []
    total = 0
    for action in given:
        if group and total + len(action.body) > size:
            yield group
            group, total = [], 0
        group.append(action)
        total += len(action.body)
    if group:
        yield group


def body_of(group: Sequence[Action]) -> bytes:
    """Return the body of one request."""
    return b"".join(action.body for action in group)


def judge(group: Sequence[Action], items: Sequence[Mapping[str, Any]]) -> Verdicts:
    """Return what an answer says of each row.

    Args:
        group: What was sent.
        items: What was answered, in the same order.
    """
    found = Verdicts()
    for action, item in zip(group, items, strict=True):
        (result,) = item.values()
        error = result.get("error")
        # Deleting what is not there is no error; a conflict means that this row, or a newer one of its key, is there.
        if error is None or result["status"] == CONFLICT:
            continue
        reason = CURE if error.get("type") == GONE else reason_of(error)
        is_the_rows = result["status"] == BAD_REQUEST and error.get("type") in OF_THE_ROW and OF_THE_INDEX not in reason
        (found.refused if is_the_rows else found.again)[action.row] = reason
    return found


def reason_of(error: Any) -> str:
    """Return what an error says, with its cause."""
    if not isinstance(error, Mapping):
        return str(error)
    text = f"{error.get('type')}: {error.get('reason')}"
    cause = error.get("caused_by")
    return f"{text} ({reason_of(cause)})" if cause else text


def _lines(batch: Batch, row: int, document: dict[str, Any]) -> bytes:
    action = (
        _upsert(batch, row) if batch.stream.is_upsert else _append(batch.stream, batch.partition, batch.offsets[row])
    )
    if batch.stream.is_upsert and batch.deleted[row]:
        document = {OURS: {"kind": "deleted", "deleted_at": batch.time}}
    elif not batch.stream.is_upsert:
        document |= {"_partition": batch.partition, "_offset": batch.offsets[row]}
    return _json(action) + b"\n" + _json(document) + b"\n"


def _append(stream: Stream, partition: int, offset: int) -> dict[str, Any]:
    # What is there is not written again.
    return {"create": {"_id": f"{stream.kafka_topic}-{partition}-{offset}"}}


def _upsert(batch: Batch, row: int) -> dict[str, Any]:
    key = batch.keys[row]
    if not key:
        raise UnfitRowError("its key is empty, and a document's id must not be")
    if len(key.encode()) > MOST_ID_BYTES:
        raise UnfitRowError(f"its key has more than the {MOST_ID_BYTES} bytes of a document's id")
    if key.startswith(f"{OURS}:"):
        raise UnfitRowError(f"its key begins with {OURS}:, as the exporter's own documents do")
    # Strictly newer: what comes again is not even written again.
    return {"index": {"_id": key, "version": batch.offsets[row] + 1, "version_type": "external"}}


def _documents(rows: pa.Table) -> list[dict[str, Any]]:
    columns = [_readable(column) for column in rows.columns]
    found: list[dict[str, Any]] = pa.Table.from_arrays(columns, names=rows.column_names).to_pylist()
    return found


def _readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of times as text; those within lists become text one by one."""
    if not pa.types.is_timestamp(column.type):
        return column
    # The way through numbers needs no table of time zones.
    text = column.cast(pa.int64()).cast(pa.timestamp("ms")).cast(pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z", "")


def _json(document: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(document, default=_text, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        raise UnfitRowError("a number is not finite, and JSON has no word for it") from None
    return text.encode()


def _text(value: Any) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case date():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a document")
