"""The catalog, its progress, and the records that change it."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from footfall_chassis.consumer import DeadLetters, Record
from footfall_recommender.progress import Progress
from footfall_recommender.ranking import Catalog, Place, Seeded, filled_up
from footfall_recommender.updates import Updates
from footfall_schemas.codec import PoisonMessageError

MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def ranking(product_id: str = "p1", *related: str, **fields: Any) -> dict[str, Any]:
    items = [
        {"product_id": name, "score": 1 / rank, "support": 9, "rank": rank} for rank, name in enumerate(related, 1)
    ]
    return {"product_id": product_id, "as_of": MOMENT, "related": items[::-1]} | fields


class Bench:
    """Updates of a catalog; a record's value is the product's name, `!` is poison."""

    def __init__(self, *targets: int, **fields: Any) -> None:
        self.fields = fields
        self.buried: list[dict[str, bytes]] = []
        self.progress = Progress(dict(enumerate(targets)))
        self.catalog = Catalog()
        self.updates = Updates(self.catalog, self.progress, self.decode, DeadLetters(self.send, "dead"))

    async def decode(self, record: Record) -> dict[str, Any]:
        if record.value == b"!":
            raise PoisonMessageError("not a ranking")
        product_id, *related = (record.value or b"").decode().split()
        return ranking(product_id, *related) | self.fields

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: dict[str, bytes]) -> None:
        self.buried.append({"topic": topic.encode(), "key": key or b"", "value": value or b"", **headers})

    async def settle(self, offset: int, value: bytes | None, key: bytes = b"p1", partition: int = 0) -> None:
        record = Record("related-products", partition, offset, key, value)
        await self.updates.settle(record)
        self.updates.settled(record)

    def related(self, product_id: str) -> list[str] | None:
        found = self.catalog.find(product_id)
        return None if found is None else [item.product_id for item in found.items]


def test_items_come_by_rank_whatever_their_order() -> None:
    catalog = Catalog()

    catalog.put(ranking("p1", "a", "b", "c"), Place(0, 1))

    found = catalog.find("p1")
    assert found is not None
    assert [(item.product_id, item.rank) for item in found.items] == [("a", 1), ("b", 2), ("c", 3)]
    assert (found.as_of, found.version) == (MOMENT, "0-1")


async def test_the_last_record_wins_and_a_tombstone_deletes() -> None:
    bench = Bench()

    await bench.settle(0, b"p1 a")
    await bench.settle(1, b"p1 b c")
    assert bench.related("p1") == ["b", "c"]
    await bench.settle(2, None)
    assert bench.related("p1") is None


async def test_poison_is_buried_with_its_position_and_changes_nothing() -> None:
    bench = Bench(1)

    await bench.settle(0, b"p1 a")
    await bench.settle(1, b"!")

    assert bench.related("p1") == ["a"]
    assert [headers["source-offset"] for headers in bench.buried] == [b"1"]
    assert bench.progress.status().ok


async def test_a_tombstone_with_an_unreadable_key_is_poison() -> None:
    bench = Bench()

    await bench.settle(0, None, key=b"\xff")

    assert len(bench.buried) == 1


async def test_records_read_again_after_a_rebalance_do_not_bring_old_rankings_back() -> None:
    bench = Bench()
    await bench.settle(0, b"p1 old")
    await bench.settle(1, b"p1 new")

    await bench.settle(0, b"p1 old")

    assert bench.related("p1") == ["new"]


async def test_loading_ends_when_every_partition_has_reached_its_target() -> None:
    bench = Bench(3, 0)

    await bench.settle(0, b"p1 a", partition=1)
    await bench.settle(2, b"p1 a", partition=0)
    assert bench.progress.status().detail == "loading: partitions [0] are not read to their end yet"
    await bench.settle(3, b"p1 a", partition=0)
    assert bench.progress.status().ok


@pytest.mark.parametrize(("targets", "ok"), [(None, False), ({}, True)])
def test_an_empty_topic_is_loaded_and_an_unknown_one_is_not(targets: dict[int, int] | None, *, ok: bool) -> None:
    assert Progress(targets).status().ok is ok


@pytest.mark.parametrize("year", [1, 1970, 2001, 2026, 2046, 9999])
def test_a_ranking_of_any_time_is_taken_with_its_scores(year: int) -> None:
    catalog = Catalog()

    catalog.put(ranking("p1", "a", "b", as_of=datetime(year, 6, 1, tzinfo=UTC)), Place(0, 1))

    found = catalog.find("p1")
    assert found is not None
    assert [item.score for item in found.items] == [1.0, 0.5]


@pytest.mark.parametrize("score", [math.inf, -math.inf, math.nan])
async def test_a_score_that_is_no_number_is_a_dead_letter_and_changes_nothing(score: float) -> None:
    bench = Bench()
    await bench.settle(0, b"p1 a")
    bench.fields = {"related": [{"product_id": "b", "score": score, "support": 1, "rank": 1}]}

    await bench.settle(1, b"p1 b")

    assert bench.related("p1") == ["a"]
    assert [headers["error"] for headers in bench.buried] == [b"the scores of b are not finite numbers"]


async def test_a_record_that_was_parked_is_passed_and_what_was_read_before_stays_known() -> None:
    bench = Bench(3)
    await bench.settle(3, b"p1 a")

    bench.updates.settled(Record("related-products", 0, 1, b"p1", b"p1 b"))

    assert bench.progress.status().ok
    assert bench.progress.reached == {0: 3}


def test_live_entries_come_first_and_only_the_seeds_others_follow() -> None:
    live, seed = Catalog(), Catalog("recorded-")
    live.put(ranking("p1", "a", "b", as_of=MOMENT), Place(0, 1))
    live.put(ranking("p2", "a", "b"), Place(0, 2))
    live.put(ranking("p3"), Place(0, 3))
    for number, product in enumerate(("p1", "p2", "p3", "p4")):
        seed.put(ranking(product, "b", "a", *(["c", "d"] if product != "p2" else []), as_of=LATER), Place(0, number))

    rankings = Seeded(live, seed)
    found = {name: rankings.find(name) for name in ("p1", "p2", "p3", "p4", "p5")}

    assert {name: each and [(item.product_id, item.rank) for item in each.items] for name, each in found.items()} == {
        "p1": [("a", 1), ("b", 2), ("c", 3), ("d", 4)],
        "p2": [("a", 1), ("b", 2)],
        "p3": [("b", 1), ("a", 2), ("c", 3), ("d", 4)],
        "p4": [("b", 1), ("a", 2), ("c", 3), ("d", 4)],
        "p5": None,
    }
    # What is not used is not spoken of.
    assert {name: each and each.as_of for name, each in found.items()} == {
        "p1": LATER,
        "p2": MOMENT,
        "p3": LATER,
        "p4": LATER,
        "p5": None,
    }
    assert len({each.version for each in found.values() if each}) == 4


def test_without_a_seed_an_answer_is_the_live_ranking_itself() -> None:
    catalog = Catalog()
    catalog.put(ranking("p1", "a"), Place(0, 1))

    assert filled_up(catalog.find("p1"), None) is catalog.find("p1")


async def test_a_topic_that_was_emptied_is_forgotten_and_waited_for_no_more() -> None:
    bench = Bench(7, 3)
    await bench.settle(0, b"p1 a")
    await bench.settle(5, b"p2 a")
    await bench.settle(3, b"p3 a", partition=1)
    bench.updates.begins(0, 5)
    assert [bench.related(name) for name in ("p1", "p2", "p3")] == [None, ["a"], ["a"]]
    assert not bench.progress.status().ok

    bench.updates.begins(0, 9)
    bench.updates.begins(1, 0)

    assert [bench.related(name) for name in ("p1", "p2", "p3")] == [None, None, ["a"]]
    assert bench.progress.status().ok
    await bench.settle(8, b"p1 deleted meanwhile")
    await bench.settle(9, b"p1 new")
    assert bench.related("p1") == ["new"]


async def test_what_was_read_stays_read_whatever_was_deleted() -> None:
    bench = Bench()
    await bench.settle(8, b"p1 a")

    bench.updates.begins(0, 4)

    assert bench.progress.reached == {0: 8}
    assert bench.related("p1") == ["a"]
