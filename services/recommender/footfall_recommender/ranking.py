"""All related products in memory, ready to be answered. Pure: no network, no clock."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

WEIGHT_ONE = datetime(2026, 1, 5, tzinfo=UTC)
"""In the week that begins here a co-view counts 1 in `related-products`; in every later week twice as much (its schema)."""


def weight_of_one(as_of: datetime) -> float:
    """Return what one co-view of this moment counts, so that scores can be told in co-views of now."""
    return 2.0 ** ((as_of - WEIGHT_ONE) // timedelta(weeks=1))


@dataclass(frozen=True, slots=True)
class Related:
    """One related product."""

    product_id: str
    score: float
    """Co-views, each counting half for every week before the ranking's."""
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
            KeyError, TypeError: The record is no RelatedProducts.
        """
        unit = weight_of_one(record["as_of"])
        items = (
            Related(item["product_id"], item["score"] / unit, item["support"], item["rank"])
            for item in record["related"]
        )
        ranking = Ranking(record["as_of"], tuple(sorted(items, key=lambda item: item.rank)), version)
        self.rankings[record["product_id"]] = ranking

    def drop(self, product_id: str) -> None:
        """Forget a product; one that is unknown already is fine."""
        self.rankings.pop(product_id, None)

    def find(self, product_id: str) -> Ranking | None:
        """Return a product's ranking, None when nothing is known about it."""
        return self.rankings.get(product_id)
