"""Replays a recorded file as events of the shop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import Event
from typing import Any

from footfall_chassis.settings import ConnectionSettings
from footfall_schemas.errors import PermanentError

from footfall_generator.encode.encoder import encode_records
from footfall_generator.events.streams import SHOP_TOPICS, TOPICS
from footfall_generator.publish.connect import prepare
from footfall_generator.publish.publisher import Publisher, PublishingError
from footfall_generator.replay.category_file import CategoryFileError, read_categories
from footfall_generator.replay.formats.known import UserBehavior
from footfall_generator.replay.formats.recorded import Format, FormatError
from footfall_generator.replay.formats.recorded_file import fingerprint
from footfall_generator.replay.result import ReplayResult
from footfall_generator.replay.source import Order, Source, paced

LAST_FLUSH = 60.0
"""Seconds to wait for acknowledgements at the end."""


class ReplayError(PermanentError, ValueError):
    """The file cannot be replayed; the message is one line that names it."""


def replay_file(
    path: Path,
    *,
    connection: ConnectionSettings | None,
    file_format: Format[Any] | None = None,
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
    """Publish a file's rows to `clickstream`, `checkouts` and `refunds`.

    Publishing the same file again publishes the same ids. `order="file"` reads the file in blocks of bounded size;
    `order="time"` sorts it first, stably, which takes about 100 bytes of memory a row.

    Args:
        path: The file.
        connection: How to reach Kafka and the registry; None only sees that there is something to publish.
        file_format: What the file holds; UserBehavior unless given.
        topic_prefix: Put before every topic name.
        order: Whether rows go out by time or as the file has them.
        speed: Event time passes so many times as fast as real time; None does not wait at all.
        categories: A CSV file of category_id and parent_category_name to publish as a dimension first.
        resume_from: The first line to read, counted from 1; only in the file's own order, in which an interrupted replay
            says where it was.
        limit: Rows that become events to read at most.
        report: Is told the number of rows published so far, again and again.
        stop: Ends the replay early.
        connect_timeout: How long to wait for a broker or registry that is away.
        now: What happened more than a day later is set apart; the clock's time unless given.

    Raises:
        ReplayError: A file is missing, empty, or has no row in the expected format, and nothing was published; or it could
            not be read to its end, which the message says.
        UnavailableError: Broker or registry was away for too long at the start.
        PublishingError: Not every row was acknowledged.
    """
    _require_sense(order, speed, resume_from, limit)
    file_format = file_format or UserBehavior()
    if categories and file_format.name != UserBehavior.name:
        raise ReplayError(f"categories need format {UserBehavior.name}: rows of {file_format.name} have none")
    source = Source(file_format, path, now or datetime.now(UTC), resume_from, limit)
    batches = source.batches(order)
    with _reading(path):
        dimension = read_categories(categories) if categories else []
        first = next(batches, None)
        id_part = fingerprint(path)
        if first is None:
            raise ReplayError(source.complaint())

    result = ReplayResult(file_format.currency, len(dimension), apart=source.apart, next_line=resume_from)
    if connection is None:
        return result
    stop = stop or Event()
    shop = [topic for topic in TOPICS if topic.name in SHOP_TOPICS]
    schema_ids = prepare(connection, shop, prefix=topic_prefix, timeout=connect_timeout, stop=stop)
    if dimension:
        _publish_categories(connection, dimension, topic_prefix, connect_timeout, stop)
    publisher = Publisher(connection.librdkafka(), prefix=topic_prefix, stopped=stop.is_set)
    encode = file_format.encoder(id_part, schema_ids)
    try:
        with _reading(path, result):
            for batch in paced(chain([first], batches), speed, stop):
                events = encode(batch)
                for rows in events:
                    publisher.send(rows)
                result.add(batch, events, file_format.net(batch))
                report(result.events)
    except ReplayError:
        publisher.flush(LAST_FLUSH)
        raise
    lost = publisher.flush(LAST_FLUSH) + publisher.failed.total() + publisher.dropped.total()
    if lost:
        raise PublishingError(f"{lost:,} of {result.events:,} events of {path} were not acknowledged")
    result.interrupted = stop.is_set()
    return result


def _require_sense(order: Order, speed: float | None, resume_from: int, limit: int | None) -> None:
    if resume_from < 1 or (limit is not None and limit < 1) or (speed is not None and not speed > 0):
        raise ReplayError("resume-from, limit and speed must be above 0")
    if resume_from > 1 and order == "time":
        raise ReplayError("resume-from needs order file: by time, lines go out in another order than they stand in")


@contextmanager
def _reading(path: Path, result: ReplayResult | None = None) -> Iterator[None]:
    """Say in one line what is wrong with the file, and what of it was published before that was found out."""
    try:
        yield
    except (OSError, CategoryFileError, FormatError) as error:
        wrong = f"{error.filename or path}: {error.strerror}" if isinstance(error, OSError) else str(error)
        done = f"; {result.events:,} events before that were published" if result else ""
        raise ReplayError(wrong + done) from error


def _publish_categories(
    connection: ConnectionSettings, rows: list[dict[str, Any]], prefix: str, timeout: timedelta, stop: Event
) -> None:
    topic = next(topic for topic in TOPICS if topic.name == "categories")
    schema_ids = prepare(connection, [topic], prefix=prefix, timeout=timeout, stop=stop)
    publisher = Publisher(connection.librdkafka(), prefix=prefix, stopped=stop.is_set)
    publisher.send(encode_records("categories", rows, schema_ids))
    if publisher.flush(LAST_FLUSH) + publisher.failed.total() + publisher.dropped.total():
        raise PublishingError("not every category was acknowledged")
