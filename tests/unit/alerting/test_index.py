"""What waits in the jobs topic, by endpoint and due time."""

import math

import pytest
from footfall_alerting.queue.index import Index, Row


def row(
    name: str, due: float = 0.0, *, key: str = "k", time: float = 0.0, sequence: int = 0, partition: int = 0
) -> Row:
    return Row(name, partition, 7, "shop", due, key, time, sequence)


@pytest.fixture
def index() -> Index:
    return Index()


def test_the_earliest_are_loaded_first_and_once(index: Index) -> None:
    for name, due in [("c", 3), ("a", 1), ("b", 2), ("d", 99)]:
        index.put(row(name, due), loaded=False)
    assert index.next_due("shop") == 1
    assert [each.id for each in index.load("shop", 50, 2)] == ["a", "b"]
    assert [each.id for each in index.load("shop", 50, 2)] == ["c"]
    assert index.load("shop", 50, 2) == []
    assert index.next_due("shop") == 99
    assert index.count("shop") == 4


def test_what_is_let_go_can_be_loaded_again(index: Index) -> None:
    index.put(row("a", 1), loaded=True)
    assert index.next_due("shop") == math.inf
    index.unload("a")
    assert [each.id for each in index.load("shop", 1, 9)] == ["a"]


def test_the_newest_state_counts(index: Index) -> None:
    index.put(row("a", 1), loaded=False)
    index.put(row("a", 5), loaded=False)
    assert index.next_due("shop") == 5
    index.remove("a")
    assert not index.has("a")
    assert index.next_due("shop") == math.inf


def test_a_replay_is_out_of_sight_until_it_is_whole(index: Index) -> None:
    index.replay([("a", row("a")), ("b", row("b")), ("a", None), ("c", row("c", partition=1))])
    assert index.next_due("shop") == math.inf
    index.open(0, [])
    assert [each.id for each in index.load("shop", 9, 9)] == ["b"]


def test_where_order_matters_only_the_first_of_each_key_is_loaded(index: Index) -> None:
    index.replay(
        [
            ("second", row("second", time=2)),
            ("first", row("first", time=1)),
            ("third", row("third", time=2, sequence=1)),
            ("other", row("other", key="other", time=9)),
        ]
    )
    index.open(0, ["shop"])
    assert {each.id for each in index.load("shop", 9, 9)} == {"first", "other"}
    index.remove("first")
    assert index.first_of("shop", "k") == "second"
    index.free("second", 5)
    assert [each.id for each in index.load("shop", 9, 9)] == ["second"]
    assert index.first_of("shop", "nothing") is None


def test_lost_partitions_are_forgotten(index: Index) -> None:
    index.put(row("a"), loaded=False)
    index.put(row("b", partition=1), loaded=False)
    index.drop(0)
    assert [each.id for each in index.load("shop", 9, 9)] == ["b"]
    assert index.endpoints() == ["shop"]
    assert index.first_due("shop") == 0
    assert index.first_due("nobody") == math.inf
