"""All related products in memory, ready to be answered. Pure: no network, no clock."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from footfall_schemas.errors import PermanentError


class UnusableRankingError(PermanentError, ValueError):
    """A ranking that can be read but not told: JSON has no word for its scores."""


@dataclass(frozen=True, slots=True)
class Related:
    """One related product."""

    product_id: str
    score: float
    """Co-views, each counting half for every week before that of the ranking."""
    support: int
    rank: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """One product's related products, best first."""

    as_of: datetime
    items: tuple[Related, ...]
    version: str
    """Changes whenever the ranking does, and is the same in every worker."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies in its topic."""

    partition: int
    offset: int


@dataclass
class Catalog:
    """The latest ranking of every product in one topic."""

    label: str = ""
    """Begins every version: two topics have records at the same place."""
    rankings: dict[str, Ranking] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    """Of the records that the rankings come from, by product."""

    def put(self, record: dict[str, Any], place: Place) -> None:
        """Take a product's new ranking.

        Raises:
            UnusableRankingError: A score is no number.
        """
        items = [
            Related(item["product_id"], item["score"], item["support"], item["rank"]) for item in record["related"]
        ]
        if endless := [item.product_id for item in items if not math.isfinite(item.score)]:
            raise UnusableRankingError(f"the scores of {', '.join(endless)} are not finite numbers")
        version = f"{self.label}{place.partition}-{place.offset}"
        product_id = record["product_id"]
        self.rankings[product_id] = Ranking(record["as_of"], tuple(sorted(items, key=lambda item: item.rank)), version)
        self.places[product_id] = place

    def drop(self, product_id: str) -> None:
        """Forget a product; one that is unknown already is fine."""
        self.rankings.pop(product_id, None)
        self.places.pop(product_id, None)

    def drop_before(self, start: Place) -> None:
        """Forget what lies before this place of its partition: it was deleted from the topic."""
        gone = [
            product_id
            for product_id, place in self.places.items()
            if place.partition == start.partition and place.offset < start.offset
        ]
        for product_id in gone:
            self.drop(product_id)

    def find(self, product_id: str) -> Ranking | None:
        """Return a product's ranking, None when nothing is known about it."""
        return self.rankings.get(product_id)


@dataclass(frozen=True)
class Seeded:
    """Live rankings, filled up with those of a history."""

    live: Catalog = field(default_factory=Catalog)
    seed: Catalog = field(default_factory=lambda: Catalog("recorded-"))

    def find(self, product_id: str) -> Ranking | None:
        """Return a product's ranking, None when nothing is known about it."""
        return filled_up(self.live.find(product_id), self.seed.find(product_id))


def filled_up(live: Ranking | None, seed: Ranking | None) -> Ranking | None:
    """Return the live ranking, followed by what only the seed has; their ranks go on from the live ones."""
    if live is None or seed is None:
        return live or seed
    known = {item.product_id for item in live.items}
    others = [item for item in seed.items if item.product_id not in known]
    if not others:
        return live
    last = live.items[-1].rank if live.items else 0
    return Ranking(
        max(live.as_of, seed.as_of),
        live.items + tuple(replace(item, rank=rank) for rank, item in enumerate(others, last + 1)),
        f"{live.version}+{seed.version}",
    )
