"""What every adapter of the exporter must do, as tests; docs/sinks.md, "Write an adapter", says the same in words.

An adapter's test file derives a class from `SinkConformance` and gives it a fixture `store`, empty for each test:

    class TestParquet(SinkConformance):
        @pytest.fixture
        def store(self, tmp_path: Path) -> Store: ...
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import pytest
from footfall_exporter.batch import Batch, Message, NotOursError
from footfall_exporter.decoding import Decoder
from footfall_exporter.sink import Life, Sink
from footfall_exporter.streams import Stream, choose
from footfall_schemas.codec import encode
from footfall_schemas.topics import Json

from support.exporting import some_row

DAY = 86_400_000
"""Milliseconds."""
TODAY = 1_772_409_600_000
"""2 March 2026, in epoch milliseconds."""
SESSIONS, REVENUE, LEVELS, RELATED = choose(["sessions", "revenue_per_minute", "stock_levels", "related_products"])
HARD_KEYS = (
    "/a b?c#d%2F",
    '{"product_id": "ü\'\\"", "warehouse": "\u2603"}',
    "x",
    "X",
    "_id",
    "🙂",
    "a\nb",
    "..",
    "NULL",
)


class Store(Protocol):
    """The store behind an adapter, as its test sees it."""

    def open(self) -> Sink:
        """Return a new adapter over what the store holds now, as a restarted process makes it."""

    def rows(self, stream: Stream) -> list[Json]:
        """Return what a reader of the store is told to read; before anything is written, nothing.

        Of an upsert stream the latest row of each key that is not deleted; of an append stream every row, with `_partition`
        and `_offset`. Values as the contract decodes them: Decimal, datetime in UTC, date, lists of dicts.
        """

    def refused(self) -> tuple[Stream, Json] | None:
        """Return a row that this store will never take; None if it takes all that have columns."""


class SinkConformance:
    """Tests of one adapter; who derives from it gives the fixture `store`."""

    @pytest.mark.parametrize("stream", choose(()), ids=lambda stream: str(stream.name))
    def test_rows_of_every_stream_come_back_exactly(self, store: Store, stream: Stream) -> None:
        sink = begun(store, stream)
        rows = [some_row(stream, random.Random(seed)) for seed in range(5)]
        given = [(f"k{number}", row) for number, row in enumerate(rows)]
        write(sink, batch_of(stream, 0, given))
        assert_holds(store, stream, kept(stream, given))

    def test_the_largest_and_smallest_values_come_back_exactly(self, store: Store) -> None:
        sink = begun(store, REVENUE)
        rows = [extreme(REVENUE, sign) for sign in (1, -1)]
        write(sink, batch_of(REVENUE, 0, [("", row) for row in rows]))
        assert_holds(store, REVENUE, kept(REVENUE, [("", row) for row in rows]))

    @pytest.mark.parametrize("stream", [SESSIONS, LEVELS], ids=lambda stream: str(stream.name))
    def test_the_same_batch_twice_is_once(self, store: Store, stream: Stream) -> None:
        sink = begun(store, stream)
        given = changes(stream, 6)
        for _ in range(2):
            write(sink, batch_of(stream, 0, given))
        assert_holds(store, stream, kept(stream, given))

    @pytest.mark.parametrize("stream", [SESSIONS, LEVELS], ids=lambda stream: str(stream.name))
    def test_what_comes_again_after_a_restart_cut_otherwise_changes_nothing(self, store: Store, stream: Stream) -> None:
        given = changes(stream, 12)
        sink = begun(store, stream)
        write(sink, batch_of(stream, 0, given[:5]))
        write(sink, batch_of(stream, 5, given[5:8]))
        sink.close()
        sink = begun(store, stream)
        first = sink.progress(stream, 0) or 0
        while first < len(given):
            last = min(first + 3, len(given))
            write(sink, batch_of(stream, first, given[first:last]))
            first = last
        assert_holds(store, stream, kept(stream, given))

    def test_progress_is_unknown_or_where_the_rows_of_that_partition_end(self, store: Store) -> None:
        sink = begun(store, SESSIONS)
        assert sink.progress(SESSIONS, 0) in {0, None}
        write(sink, batch_of(SESSIONS, 0, changes(SESSIONS, 3)))
        write(sink, batch_of(SESSIONS, 7, changes(SESSIONS, 2), partition=1))
        sink.close()
        sink = begun(store, SESSIONS)
        assert [sink.progress(SESSIONS, partition) for partition in range(3)] in ([3, 9, 0], [None] * 3)

    def test_rows_of_one_offset_in_two_partitions_are_two(self, store: Store) -> None:
        sink = begun(store, SESSIONS)
        given = changes(SESSIONS, 2)
        for partition in range(2):
            write(sink, batch_of(SESSIONS, 0, given, partition=partition))
        assert_holds(store, SESSIONS, [*kept(SESSIONS, given), *kept(SESSIONS, given, partition=1)])

    def test_of_a_key_the_row_with_the_greatest_offset_stays_in_whatever_order_they_come(self, store: Store) -> None:
        first, second, third = (some_row(LEVELS, random.Random(seed)) for seed in range(3))
        old = batch_of(LEVELS, 0, [("a", first), ("a", second), ("b", second)])
        new = batch_of(LEVELS, 3, [("a", third), ("c", first)], time=TODAY + DAY)
        sink = begun(store, LEVELS)
        for batch in (old, new, old):
            write(sink, batch)
        assert_holds(store, LEVELS, [third, second, first])

    def test_a_tombstone_deletes_an_older_row_does_not_come_back_and_a_newer_one_does(self, store: Store) -> None:
        first, second = (some_row(LEVELS, random.Random(seed)) for seed in range(2))
        sink = begun(store, LEVELS)
        old = batch_of(LEVELS, 0, [("a", first), ("b", second), ("never there", None)])
        write(sink, old)
        write(sink, batch_of(LEVELS, 3, [("a", None), ("b", None), ("b", first)], time=TODAY + DAY))
        assert_holds(store, LEVELS, [first])
        write(sink, old)
        assert_holds(store, LEVELS, [first])
        write(sink, batch_of(LEVELS, 6, [("a", second)], time=TODAY + DAY))
        assert_holds(store, LEVELS, [first, second])

    def test_keys_are_told_apart_whatever_is_in_them(self, store: Store) -> None:
        sink = begun(store, LEVELS)
        given = [(key, some_row(LEVELS, random.Random(number))) for number, key in enumerate((*HARD_KEYS, "a" * 512))]
        write(sink, batch_of(LEVELS, 0, given))
        assert_holds(store, LEVELS, [row for _, row in given])
        write(sink, batch_of(LEVELS, len(given), [(key, None) for key, _ in given]))
        assert_holds(store, LEVELS, [])

    def test_a_key_of_any_length_is_taken_or_refused_alone(self, store: Store) -> None:
        sink = begun(store, LEVELS)
        first, second = (some_row(LEVELS, random.Random(seed)) for seed in range(2))
        outcome = sink.write(batch_of(LEVELS, 0, [("a", first), ("ü" * 2000, second)]))
        assert not outcome.again
        assert [each.offset for each in outcome.refused] in ([], [1])
        assert_holds(store, LEVELS, [first] if outcome.refused else [first, second])

    def test_lists_of_an_upsert_stream_are_replaced_as_a_whole(self, store: Store) -> None:
        sink = begun(store, RELATED)
        rows = [some_row(RELATED, random.Random(seed)) for seed in range(8)]
        write(sink, batch_of(RELATED, 0, [("a", row) for row in rows]))
        write(sink, batch_of(RELATED, 8, [("a", rows[0])]))
        assert_holds(store, RELATED, [rows[0]])

    def test_a_batch_all_of_whose_messages_were_dead_letters_is_taken(self, store: Store) -> None:
        for stream in (SESSIONS, LEVELS):
            sink = begun(store, stream)
            write(sink, batch_of(stream, 0, changes(stream, 2)).only([]))
            assert sink.progress(stream, 0) in {2, None}
            assert_holds(store, stream, [])

    def test_a_row_that_is_refused_is_named_with_its_reason_and_the_others_are_stored(self, store: Store) -> None:
        if (found := store.refused()) is None:
            pytest.skip("it takes every row that has columns")
        stream, bad = found
        sink = begun(store, stream)
        good = [some_row(stream, random.Random(seed)) for seed in range(2)]
        given = [("a", good[0]), ("bad", bad), ("c", good[1])]
        outcome = sink.write(batch_of(stream, 10, given))
        assert [each.offset for each in outcome.refused] == [11]
        assert outcome.refused[0].reason
        assert not outcome.again
        taken = [row for number, row in enumerate(kept(stream, given, first=10)) if number != 1]
        assert_holds(store, stream, taken)

    def test_who_has_lost_the_partition_changes_nothing_once_it_is_told(self, store: Store) -> None:
        asked = 0

        def lost() -> None:
            nonlocal asked
            asked += 1
            raise NotOursError("another instance has it")

        sink = begun(store, SESSIONS)
        try:
            sink.write(batch_of(SESSIONS, 0, changes(SESSIONS, 2), confirm_ours=lost))
        except NotOursError:
            assert_holds(store, SESSIONS, [])
        else:
            # Where rows are told apart by their places, a late writer spoils nothing, and it need not be asked.
            assert not asked
        sink = begun(store, SESSIONS)
        write(sink, batch_of(SESSIONS, 0, changes(SESSIONS, 2)))
        assert_holds(store, SESSIONS, kept(SESSIONS, changes(SESSIONS, 2)))

    @pytest.mark.parametrize("stream", [SESSIONS, LEVELS], ids=lambda stream: str(stream.name))
    def test_who_loses_the_partition_right_after_it_has_asked_doubles_nothing(
        self, store: Store, stream: Stream
    ) -> None:
        given, late = changes(stream, 6), begun(store, stream)
        others: list[Sink] = []

        def lost_a_moment_later() -> None:
            if not others:
                others.append(begun(store, stream))
                write(others[0], batch_of(stream, 0, given[:2]))
                write(others[0], batch_of(stream, 2, given[2:]))

        with suppress(NotOursError):
            late.write(batch_of(stream, 0, given[:4], confirm_ours=lost_a_moment_later))
        # Where nobody needs to ask, the other comes behind.
        lost_a_moment_later()
        assert_holds(store, stream, kept(stream, given))

    def test_the_life_of_a_topic_is_kept_by_stream(self, store: Store) -> None:
        sink = store.open()
        for stream in (SESSIONS, LEVELS):
            sink.prepare(stream)
            assert sink.life(stream) is None
        sink.begin(SESSIONS, Life("abc", 4))
        sink.begin(LEVELS, Life("def", 1))
        sink.begin(LEVELS, Life("def", 2))
        sink.close()
        sink = store.open()
        assert sink.life(SESSIONS) == Life("abc", 4)
        assert sink.life(LEVELS) == Life("def", 2)

    def test_it_says_where_the_rows_of_each_stream_are(self, store: Store) -> None:
        sink = store.open()
        assert len({sink.place(stream) for stream in choose(())}) == len(choose(()))

    @pytest.mark.parametrize(("grown", "name"), [(LEVELS, "threshold"), (SESSIONS, "revenue")])
    def test_a_column_is_added_when_the_schema_grows_and_none_is_removed(
        self, store: Store, grown: Stream, name: str
    ) -> None:
        older = without(grown, name)
        rows = [some_row(grown, random.Random(seed)) for seed in range(3)]
        sink = begun(store, older)
        write(sink, batch_of(older, 0, [("a", _less(rows[0], name))]))
        sink.close()
        sink = begun(store, grown)
        write(sink, batch_of(grown, 1, [("b", rows[1])]))
        sink.close()
        # An older version that comes back takes nothing away.
        sink = begun(store, older)
        write(sink, batch_of(older, 2, [("c", _less(rows[2], name))]))
        wanted = places(grown, [rows[0] | {name: None}, rows[1], rows[2] | {name: None}])
        # Some stores have an empty list where others have null.
        assert_same(grown, *([row | {name: row[name] or None} for row in each] for each in (store.rows(grown), wanted)))

    def test_preparing_again_changes_nothing(self, store: Store) -> None:
        given = changes(LEVELS, 4)
        sink = begun(store, LEVELS)
        write(sink, batch_of(LEVELS, 0, given))
        for _ in range(2):
            sink.prepare(LEVELS)
        assert_holds(store, LEVELS, kept(LEVELS, given))


def batch_of(
    stream: Stream,
    first: int,
    given: Sequence[tuple[str, Json | None]],
    *,
    partition: int = 0,
    time: int = TODAY,
    confirm_ours: Callable[[], None] = lambda: None,
) -> Batch:
    """Return a batch of these rows by key, as the exporter makes it of messages with consecutive offsets."""
    schema = stream.topic.schema
    messages = [
        Message(first + number, time, key.encode(), None if row is None else encode(1, schema, row))
        for number, (key, row) in enumerate(given)
    ]
    decoded = Decoder(stream, lambda _: schema).decode(messages)
    assert not decoded.refused
    return Batch(
        stream,
        partition,
        first,
        messages[-1].offset,
        decoded.rows,
        [each.offset for each in messages],
        [key for key, _ in given] if stream.is_upsert else (),
        [row is None for _, row in given] if stream.is_upsert else (),
        time,
        confirm_ours,
    )


def begun(store: Store, stream: Stream) -> Sink:
    """Return a new adapter that is ready for a stream's rows, in the exporter's order of calls."""
    sink = store.open()
    held = sink.life(stream)
    sink.prepare(stream)
    if held is None:
        sink.begin(stream, Life("life", stream.topic.partitions))
    return sink


def write(sink: Sink, batch: Batch) -> None:
    """Have all rows stored."""
    outcome = sink.write(batch)
    assert (list(outcome.refused), list(outcome.again)) == ([], [])


def changes(stream: Stream, number: int) -> list[tuple[str, Json | None]]:
    """Return so many rows of few keys, always the same; of an upsert stream with deletions."""
    chance = random.Random(7)
    return [
        (f"k{index % 3}", None if stream.is_upsert and index % 4 == 3 else some_row(stream, chance))
        for index in range(number)
    ]


def kept(stream: Stream, given: Sequence[tuple[str, Json | None]], *, first: int = 0, partition: int = 0) -> list[Json]:
    """Return what a store holds of these rows."""
    if not stream.is_upsert:
        return places(stream, [row for _, row in given if row is not None], first=first, partition=partition)
    return [row for row in dict(given).values() if row is not None]


def places(stream: Stream, rows: Sequence[Json], *, first: int = 0, partition: int = 0) -> list[Json]:
    """Return an append stream's rows with their places; those of an upsert stream as they are."""
    if stream.is_upsert:
        return list(rows)
    return [row | {"_partition": partition, "_offset": first + number} for number, row in enumerate(rows)]


def assert_holds(store: Store, stream: Stream, wanted: Sequence[Json]) -> None:
    """Compare what a reader sees, in any order."""
    assert_same(stream, store.rows(stream), wanted)


def assert_same(stream: Stream, found: Sequence[Json], wanted: Sequence[Json]) -> None:
    """Compare rows in any order, each value exactly."""
    names = [*stream.columns.names, *(() if stream.is_upsert else ("_partition", "_offset"))]
    left, right = (
        Counter(repr({name: _plain(row[name]) for name in names}) for row in rows) for rows in (found, wanted)
    )
    assert left == right


def without(stream: Stream, name: str) -> Stream:
    """Return the stream as it was before it had a column."""
    schema = stream.topic.schema | {"fields": [each for each in stream.topic.schema["fields"] if each["name"] != name]}
    return replace(stream, topic=replace(stream.topic, schema=schema, limited=schema))


def extreme(stream: Stream, sign: int) -> Json:
    """Return a row with the largest numbers of its types, or the smallest."""
    row = some_row(stream, random.Random(sign))
    for field in stream.topic.schema["fields"]:
        described = field["type"] if isinstance(field["type"], dict) else {"type": field["type"]}
        if described.get("logicalType") == "decimal":
            digits = (0, (9,) * described["precision"], -described["scale"])
            row[field["name"]] = sign * Decimal(digits) if sign > 0 else Decimal((1, *digits[1:]))
        elif described == {"type": "long"}:
            row[field["name"]] = 2**63 - 1 if sign > 0 else -(2**63)
    return row


def _less(row: Json, name: str) -> Json:
    return {key: value for key, value in row.items() if key != name}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case dict():
            return {name: _plain(value[name]) for name in sorted(value)}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
