"""Replays a UserBehavior file as events of the shop."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from footfall_chassis.settings import ConnectionSettings

from footfall_generator.category_file import CategoryFileError, read_categories
from footfall_generator.connect import prepare
from footfall_generator.encode import encode_records
from footfall_generator.publisher import Publisher, PublishingError
from footfall_generator.replay_encode import BUY, ReplayEncoder
from footfall_generator.replay_source import Order, Source, paced
from footfall_generator.streams import TOPICS
from footfall_generator.userbehavior import Behaviors, MalformedLine

LAST_FLUSH = 60.0
"""Seconds to wait for acknowledgements at the end."""
FINGERPRINTED = 1 << 20
"""Bytes of the file that its fingerprint is made from, beside its size."""


class ReplayError(ValueError):
    """The file cannot be replayed; the message is one line that names it."""


@dataclass(frozen=True)
class ReplayResult:
    """What became of the file."""

    events: int = 0
    """Rows published and acknowledged: clicks and checkouts."""
    clicks: int = 0
    checkouts: int = 0
    categories: int = 0
    """Rows of the categories dimension published before."""
    malformed: int = 0
    """Lines left out."""
    malformed_lines: list[MalformedLine] = field(default_factory=list)
    """The first of them."""
    first_time: datetime | None = None
    """Earliest event time published."""
    last_time: datetime | None = None
    next_line: int = 1
    """The line after the last one published in file order: where to resume after an interruption."""
    interrupted: bool = False


def replay_file(
    path: Path,
    *,
    connection: ConnectionSettings,
    topic_prefix: str = "",
    order: Order = "time",
    speed: float | None = None,
    categories: Path | None = None,
    resume_from: int = 1,
    limit: int | None = None,
    report: Callable[[int], None] = lambda _: None,
    stop: Event | None = None,
    connect_timeout: timedelta = timedelta(seconds=60),
    now: datetime | None = None,
) -> ReplayResult:
    """Publish a file's rows to `clickstream` and `checkouts`.

    Publishing the same file again publishes the same ids. `order="file"` reads the file in blocks of bounded size;
    `order="time"` sorts it first, stably, which takes about 100 bytes of memory a row.

    Args:
        path: The file.
        connection: How to reach Kafka and the registry.
        topic_prefix: Put before every topic name.
        order: Whether rows go out by time or as the file has them.
        speed: Event time passes so many times as fast as real time; None does not wait at all.
        categories: A CSV file of category_id and parent_category_name to publish as a dimension first.
        resume_from: The first line to read, counted from 1.
        limit: Well-formed rows to read at most.
        report: Is told the number of rows published so far, again and again.
        stop: Ends the replay early.
        connect_timeout: How long to wait for a broker or registry that is away.
        now: Timestamps more than a day later count as malformed; the clock's time unless given.

    Raises:
        ReplayError: A file is missing, empty, or has no row in the expected format; nothing was published.
        UnavailableError: Broker or registry was away for too long at the start.
        PublishingError: Not every row was acknowledged.
    """
    if resume_from < 1 or (limit is not None and limit < 1) or (speed is not None and not speed > 0):
        raise ReplayError("resume-from, limit and speed must be above 0")
    source = Source(path, now or datetime.now(UTC), resume_from, limit)
    try:
        dimension = read_categories(categories) if categories else []
        batches = source.batches(order)
        first = next(batches, None)
        fingerprint = _fingerprint(path)
    except OSError as error:
        raise ReplayError(f"{error.filename or path}: {error.strerror}") from error
    except CategoryFileError as error:
        raise ReplayError(str(error)) from error
    if first is None:
        raise ReplayError(source.complaint())

    stop = stop or Event()
    schema_ids = prepare(connection, TOPICS[:2], prefix=topic_prefix, timeout=connect_timeout, stop=stop)
    if dimension:
        _publish_categories(connection, dimension, connect_timeout, stop)
    publisher = Publisher(connection.librdkafka(), prefix=topic_prefix, stopped=stop.is_set)
    encoder = ReplayEncoder(fingerprint, schema_ids)
    result = ReplayResult(categories=len(dimension), next_line=resume_from)
    for batch in paced(chain([first], batches), speed, stop):
        for rows in encoder.encode(batch):
            publisher.send(rows)
        result = _count(result, batch)
        report(result.events)
    lost = publisher.flush(LAST_FLUSH) + publisher.failed.total() + publisher.dropped.total()
    if lost:
        raise PublishingError(f"{lost:,} of {result.events:,} events of {path} were not acknowledged")
    return replace(
        result,
        malformed=source.malformed,
        malformed_lines=source.malformed_lines,
        interrupted=stop.is_set(),
    )


def _publish_categories(
    connection: ConnectionSettings, rows: list[dict[str, Any]], timeout: timedelta, stop: Event
) -> None:
    """Publish the dimension, which all runs share: it has no prefix."""
    topic = next(topic for topic in TOPICS if topic.name == "categories")
    schema_ids = prepare(connection, [topic], prefix="", timeout=timeout, stop=stop)
    publisher = Publisher(connection.librdkafka(), prefix="", stopped=stop.is_set)
    publisher.send(encode_records("categories", rows, schema_ids))
    if publisher.flush(LAST_FLUSH) + publisher.failed.total() + publisher.dropped.total():
        raise PublishingError("not every category was acknowledged")


def _count(result: ReplayResult, batch: Behaviors) -> ReplayResult:
    checkouts = int(np.count_nonzero(batch.behavior == BUY))
    first, last = (datetime.fromtimestamp(int(each), UTC) for each in (batch.time.min(), batch.time.max()))
    return replace(
        result,
        events=result.events + len(batch),
        clicks=result.clicks + len(batch) - checkouts,
        checkouts=result.checkouts + checkouts,
        first_time=min(first, result.first_time or first),
        last_time=max(last, result.last_time or last),
        next_line=max(result.next_line, int(batch.line.max()) + 1),
    )


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.blake2s(file.read(FINGERPRINTED) + str(path.stat().st_size).encode(), digest_size=4).hexdigest()
