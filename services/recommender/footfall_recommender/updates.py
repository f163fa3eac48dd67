"""Takes records of related-products into the catalog."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from footfall_chassis.consumer import DeadLetters, Record
from footfall_schemas.codec import PoisonMessageError

from footfall_recommender.metrics import DEAD_LETTERS, EVENT_TIME, PRODUCTS, UPDATES
from footfall_recommender.progress import Progress
from footfall_recommender.ranking import Catalog, UnusableRankingError


@dataclass(frozen=True)
class Updates:
    """Settles one record after the other; their order is what makes the last one win."""

    catalog: Catalog
    progress: Progress
    decode: Callable[[Record], Awaitable[dict[str, Any]]]
    """Decodes a ranking, waiting for the registry if it must."""
    dead_letters: DeadLetters

    async def settle(self, record: Record) -> None:
        """Apply one record; an unreadable one becomes a dead letter and changes nothing."""
        if self.progress.knows(record.partition, record.offset):
            # After a rebalance the topic is read from its beginning; older rankings must not come back.
            return
        try:
            await self._apply(record)
        except (PoisonMessageError, UnicodeDecodeError, UnusableRankingError) as error:
            await self.dead_letters.bury(record, "decode", str(error))
            DEAD_LETTERS.inc()

    def settled(self, record: Record) -> None:
        """Remember a record that is dealt with, however it ended."""
        if self.progress.knows(record.partition, record.offset):
            return
        self.progress.note(record.partition, record.offset)
        UPDATES.inc()
        PRODUCTS.set(len(self.catalog.rankings))

    async def _apply(self, record: Record) -> None:
        if record.value is None:
            self.catalog.drop((record.key or b"").decode())
            return
        ranking = await self.decode(record)
        self.catalog.put(ranking, f"{record.partition}-{record.offset}")
        EVENT_TIME.set(ranking["as_of"].timestamp())
