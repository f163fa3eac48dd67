"""Of a batch only what failed comes again; what is refused is a dead letter; the rest of the partition goes on."""

import random

import pytest
from footfall_exporter.batch import Message, Refusal
from footfall_exporter.held import Held, Limits
from footfall_exporter.sink import Outcome, SinkUnavailableError
from footfall_exporter.standing import Standing
from footfall_exporter.streams import choose
from footfall_exporter.writing import Writer
from footfall_schemas.codec import encode

from support.exporting import some_row
from support.sinking import Letters, Store

LIMITS = Limits(rows=10, size=1_000_000, seconds=60, total=1_000_000)
(LEVELS,) = choose(["stock_levels"])


def holding(*values: bytes | None) -> Held:
    mine = Held(LEVELS, 0, 5)
    for index, value in enumerate(values):
        mine.add(Message(5 + index, 0, b"k", value), now=0)
    return mine


def row(seed: int) -> bytes:
    return encode(1, LEVELS.topic.schema, some_row(LEVELS, random.Random(seed)))


def writer(store: Store, letters: Letters) -> Writer:
    return Writer(store, lambda _: LEVELS.topic.schema, letters, Standing("store", [LEVELS]))


def test_of_a_half_failed_batch_only_what_failed_comes_again_and_then_all_is_settled() -> None:
    store, letters = Store(Outcome(again=[1, 2]), Outcome()), Letters()
    mine, ours = holding(row(1), row(2), None), writer(store, letters)
    with pytest.raises(SinkUnavailableError, match="did not take 2 of 3 rows"):
        ours.write(mine, LIMITS, lambda: None)
    assert (mine.position, len(mine.messages)) == (5, 3)
    # What has come meanwhile waits for the next batch.
    mine.add(Message(9, 0, b"k", row(4)), now=0)
    ours.write(mine, LIMITS, lambda: None)
    assert [list(batch.offsets) for batch in store.batches] == [[5, 6, 7], [6, 7]]
    assert list(store.batches[1].deleted) == [False, True]
    assert store.batches[1].rows.to_pylist()[0] == store.batches[0].rows.to_pylist()[1]
    assert (mine.position, [each.offset for each in mine.messages]) == (8, [9])
    assert letters.kept == []


def test_why_rows_come_again_and_when_is_what_the_sink_says() -> None:
    store = Store(Outcome(again=[0], why="429: too many requests", retry_after=9))
    with pytest.raises(SinkUnavailableError, match="did not take 1 of 1 rows: 429: too many requests") as raised:
        writer(store, Letters()).write(holding(row(1)), LIMITS, lambda: None)
    assert raised.value.retry_after == 9


def test_what_the_sink_refuses_for_good_is_a_dead_letter_and_settled() -> None:
    store, letters = Store(Outcome(refused=[Refusal(6, "too wide")])), Letters()
    mine = holding(row(1), row(2))
    writer(store, letters).write(mine, LIMITS, lambda: None)
    assert letters.kept == [(6, "too wide", row(2))]
    assert (mine.position, mine.messages) == (7, [])


def test_what_cannot_be_read_never_reaches_the_sink_but_its_offset_is_settled() -> None:
    store, letters = Store(Outcome()), Letters()
    mine = holding(row(1), b"garbage")
    writer(store, letters).write(mine, LIMITS, lambda: None)
    assert [list(batch.offsets) for batch in store.batches] == [[5]]
    assert store.batches[0].last == 6
    assert [offset for offset, _, _ in letters.kept] == [6]
    assert mine.position == 7
