"""All related products in memory, ready to be answered. Pure: no network, no clock."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class UnusableRankingError(ValueError):
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


@dataclass
class Catalog:
    """The latest ranking of every product."""

    rankings: dict[str, Ranking] = field(default_factory=dict)

    def put(self, record: dict[str, Any], version: str) -> None:
        """Take a product's new ranking.

        Raises:
            UnusableRankingError: A score is no number.
        """
        items = [
            Related(item["product_id"], item["score"], item["support"], item["rank"]) for item in record["related"]
        ]
        if endless := [item.product_id for item in items if not math.isfinite(item.score)]:
            raise UnusableRankingError(f"the scores of {', '.join(endless)} are no numbers")
        ranking = Ranking(record["as_of"], tuple(sorted(items, key=lambda item: item.rank)), version)
        self.rankings[record["product_id"]] = ranking

    def drop(self, product_id: str) -> None:
        """Forget a product; one that is unknown already is fine."""
        self.rankings.pop(product_id, None)

    def find(self, product_id: str) -> Ranking | None:
        """Return a product's ranking, None when nothing is known about it."""
        return self.rankings.get(product_id)
