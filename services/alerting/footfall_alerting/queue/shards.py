"""Which partitions are this worker's, as far as that is known."""

import asyncio
from collections.abc import Iterator

from footfall_alerting.queue.shard import Shard


class Shards:
    """The shards of this worker by partition.

    Attributes:
        attempting: Whether attempts may begin.
    """

    def __init__(self) -> None:
        self.attempting = False
        self._shards: dict[int, Shard] = {}
        self._known = asyncio.Event()

    def __iter__(self) -> Iterator[Shard]:
        return iter(list(self._shards.values()))

    def get(self, partition: int) -> Shard | None:
        """Return a partition's shard; None: it is another worker's."""
        return self._shards.get(partition)

    async def known(self, partition: int) -> Shard | None:
        """Return the same as soon as it is known whose partitions are."""
        await self._known.wait()
        return self._shards.get(partition)

    async def ready(self, partition: int) -> Shard | None:
        """Return the same as soon as it is known what waits there and what is finished."""
        shard = await self.known(partition)
        if shard is not None and not shard.ready.is_set():
            await shard.ready.wait()
        return None if shard is None or shard.closed else shard

    def freeze(self) -> None:
        """Between the loss of all partitions and the next assignment nobody knows whose job it is."""
        self._known.clear()

    def thaw(self) -> None:
        """It is known whose partitions are, and attempts may begin."""
        self.attempting = True
        self._known.set()

    def open(self, partition: int) -> Shard:
        """Take a partition that was another worker's."""
        self._shards[partition] = shard = Shard(partition)
        return shard

    def close(self, shard: Shard) -> None:
        """Give a partition up; acknowledging its records must change nothing any more."""
        del self._shards[shard.partition]
        shard.close()
