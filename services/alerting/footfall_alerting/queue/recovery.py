"""What waits in a partition, and what is finished, when it becomes this worker's."""

import asyncio
from collections.abc import Collection

import structlog

from footfall_alerting.queue.index import Index
from footfall_alerting.queue.ports import Journal
from footfall_alerting.queue.shard import Shard

log = structlog.get_logger(__name__)


async def recover(shard: Shard, journal: Journal, index: Index, ordered: Collection[str], pause: float) -> None:
    """Read what waits, however long Kafka is away; return when it is known, or the partition is another worker's.

    Args:
        shard: The partition.
        journal: Where its jobs are.
        index: Learns of them.
        ordered: Ids of the endpoints that want order.
        pause: Seconds between two attempts.
    """
    while not shard.closed:
        try:
            await _read(shard, journal, index, ordered)
        except Exception as error:  # noqa: BLE001  the client raises many kinds while a broker is away
            log.warning("waiting to read what waits", partition=shard.partition, error=repr(error))
            index.drop(shard.partition)
            await asyncio.sleep(pause)
        else:
            return


async def _read(shard: Shard, journal: Journal, index: Index, ordered: Collection[str]) -> None:
    finished = await journal.finished(shard.partition)
    async for states in journal.replay(shard.partition):
        if shard.closed:
            return
        index.replay(states)
    for webhook_id, at in finished:
        # Whoever owned it may have died between telling that it is finished and crossing it off.
        if (row := index.get(webhook_id)) is not None and at >= row.due:
            await journal.erase(shard.partition, webhook_id)
            if shard.closed:
                return
            index.remove(webhook_id)
    if shard.closed:
        return
    shard.remember(finished)
    index.open(shard.partition, ordered)
