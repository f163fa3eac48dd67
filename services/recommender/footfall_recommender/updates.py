"""Takes records of one topic of rankings into its catalog."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from footfall_chassis.consumer import DeadLetters, Record
from footfall_schemas.codec import PoisonMessageError

from footfall_recommender.metrics import DEAD_LETTERS, EVENT_TIME, PRODUCTS, SEEDED, UPDATES
from footfall_recommender.progress import Progress
from footfall_recommender.ranking import Catalog, Place, UnusableRankingError


@dataclass(frozen=True)
class Updates:
    """Settles one record after the other; their order is what makes the last one win."""

    catalog: Catalog
    progress: Progress
    decode: Callable[[Record], Awaitable[dict[str, Any]]]
    """Decodes a ranking, waiting for the registry if it must."""
    dead_letters: DeadLetters
    is_seed: bool = False
    """Whether the topic is that of recorded results."""

    async def settle(self, record: Record) -> None:
        """Apply one record; an unreadable one becomes a dead letter and changes nothing."""
        if self.progress.knows(record.partition, record.offset):
            # After a rebalance the topic is read from its beginning; older rankings must not come back.
            return
        try:
            await self._apply(record)
        except (PoisonMessageError, UnicodeDecodeError, UnusableRankingError) as error:
            await self.dead_letters.add(record, "decode", str(error))
            DEAD_LETTERS.inc()

    def settled(self, record: Record) -> None:
        """Remember a record that is dealt with, however it ended."""
        if self.progress.knows(record.partition, record.offset):
            return
        self.progress.note(record.partition, record.offset)
        UPDATES.inc()
        self._count()

    def begins(self, partition: int, offset: int) -> None:
        """Forget what lies before a partition's first offset: the topic was emptied, and says no more of it."""
        self.catalog.drop_before(Place(partition, offset))
        if not self.progress.knows(partition, offset - 1):
            # Whoever waits for a record that was deleted waits for nothing.
            self.progress.note(partition, offset - 1)
        self._count()

    def _count(self) -> None:
        (SEEDED if self.is_seed else PRODUCTS).set(len(self.catalog.rankings))

    async def _apply(self, record: Record) -> None:
        if record.value is None:
            self.catalog.drop((record.key or b"").decode())
            return
        ranking = await self.decode(record)
        self.catalog.put(ranking, Place(record.partition, record.offset))
        if not self.is_seed:
            EVENT_TIME.set(ranking["as_of"].timestamp())
