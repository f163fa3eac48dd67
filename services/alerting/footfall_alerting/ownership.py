"""From what Faust assigns to what the desk owns."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from footfall_alerting.errors import TopicsDisagreeError
from footfall_alerting.queue.desk import Desk


class Ownership:
    """Hands partitions to the desk; those of all topics that are read must be the same.

    Args:
        desk: Where jobs are.
        topics: Names of those that are read.
    """

    def __init__(self, desk: Desk, topics: AbstractSet[str]) -> None:
        self._desk = desk
        self._topics = topics

    async def leaving(self) -> None:
        """Settle what is under way: all partitions may become others'."""
        await self._desk.leaving()

    def assigned(self, partitions: Mapping[str, AbstractSet[int]]) -> None:
        """Go on with these partitions of each topic.

        Raises:
            TopicsDisagreeError: They are not the same of each: jobs would be nobody's, or two workers'.
        """
        mine = {topic: frozenset(partitions.get(topic, ())) for topic in self._topics}
        if len(set(mine.values())) > 1:
            listed = "; ".join(f"{topic} {sorted(numbers)}" for topic, numbers in sorted(mine.items()))
            raise TopicsDisagreeError(
                f"the partitions of topics that are read together were shared out unequally: {listed}"
            )
        self._desk.assigned(next(iter(mine.values()), frozenset()))
