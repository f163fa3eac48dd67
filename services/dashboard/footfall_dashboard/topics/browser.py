"""What may be asked of topics, and how much of it at once."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.messages import reading
from footfall_schemas.errors import PermanentError, TransientError
from footfall_schemas.topics import Json

from footfall_dashboard.topics.broker import Broker, Found
from footfall_dashboard.topics.document import Messages, TopicDetail, TopicList
from footfall_dashboard.topics.listing import detail_of, list_of
from footfall_dashboard.topics.names import KnownTopic, known_topics
from footfall_dashboard.topics.paging import LOOK_LIMIT, key_matcher, page_of, ranges_of
from footfall_dashboard.topics.showing import Shower

WITHIN = 5.0
"""Seconds that one answer may take."""
FRESH = 2.0
"""Seconds that what the broker says of its topics serves everybody who asks."""
READERS = 2
"""Requests for messages that are served at the same time."""
QUEUE = 1.0
"""Seconds that one waits for its turn."""

Answer = TypeVar("Answer")


class UnknownTopicError(PermanentError, ValueError):
    """None of Footfall's topics on the broker is called so."""


class BusyError(TransientError):
    """As many read as may."""


class Topics:
    """The topics of one installation.

    Args:
        client: librdkafka settings of the connection.
        schema: Returns a writer's schema by its id; raises PoisonMessageError or TransientError.
        prefix: What the names of all topics begin with.
        groups: Consumer groups whose lag is shown.
        show_personal: Whether messages are shown with what is personal in them.
    """

    def __init__(
        self,
        client: Mapping[str, str],
        schema: Callable[[int], Json],
        *,
        prefix: str = "",
        groups: Sequence[str] = (),
        show_personal: bool = False,
    ) -> None:
        self._client, self._prefix = dict(client), prefix
        self._broker = Broker(client, groups)
        self._schema, self._show_personal = schema, show_personal
        # Threads of their own: one that waits for the broker keeps nobody else's work waiting.
        self._askers = ThreadPoolExecutor(1, "topics-list")
        self._readers = ThreadPoolExecutor(READERS, "topics-messages")
        self._turn = asyncio.Semaphore(READERS)
        self._listing = asyncio.Lock()
        self._known: tuple[float, dict[str, KnownTopic], Found] | None = None

    def close(self) -> None:
        """Take no more questions."""
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def list(self) -> TopicList:
        """Return every topic.

        Raises:
            AccessRefusedError: The broker refuses the user.
            BrokerAwayError: It does not answer.
            NoAnswerError: It does not answer in time.
        """
        at, topics, found = await self._look()
        return list_of(topics, found, datetime.fromtimestamp(at, UTC))

    async def detail(self, name: str) -> TopicDetail:
        """Return one topic.

        Raises:
            AccessRefusedError: The broker refuses the user.
            BrokerAwayError: It does not answer.
            NoAnswerError: It does not answer in time.
            UnknownTopicError: There is none of this name.
        """
        at, topics, found = await self._look()
        return detail_of(self._named(topics, name), found, datetime.fromtimestamp(at, UTC))

    async def messages(
        self,
        name: str,
        *,
        partition: int | None = None,
        key: str | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> Messages:
        """Return a topic's newest messages, or those before an earlier page's last one.

        Args:
            name: The topic.
            partition: The only one to look into; None is all.
            key: The only key to look for; None is all.
            before: Where an earlier page has ended.
            limit: How many to return at most.

        Raises:
            AccessRefusedError: The broker refuses the user.
            BrokerAwayError: It does not answer.
            BusyError: Others are being served; ask again.
            CursorError: There is no such partition or place.
            NoAnswerError: The broker does not answer in time.
            UnknownTopicError: There is none of this name.
        """
        _, topics, _ = await self._look()
        topic = self._named(topics, name)
        try:
            async with asyncio.timeout(QUEUE):
                await self._turn.acquire()
        except TimeoutError:
            raise BusyError(f"{READERS} requests for messages are being served already; ask again") from None
        try:
            return await self._in(self._readers, lambda: self._read(topic, partition, key, before, limit))
        finally:
            self._turn.release()

    def _read(
        self, topic: KnownTopic, partition: int | None, key: str | None, before: str | None, limit: int
    ) -> Messages:
        deadline = Deadline(WITHIN)
        numbers = self._broker.partitions(deadline).get(topic.name, [])
        offsets = self._broker.offsets([(topic.name, number) for number in numbers], deadline)
        kept = {number: (each.begin, each.stable) for (_, number), each in offsets.items()}
        ranges = ranges_of(kept, before, partition)
        with reading(self._client, topic.name, deadline) as read:
            page = page_of(read, ranges, limit=limit, matches=None if key is None else key_matcher(key))
        shower = Shower(_patient_once(self._schema), self._prefix, show_personal=self._show_personal)
        return Messages(
            topic=topic.name,
            messages=[shower.show(topic, message) for message in page.messages],
            older=page.older,
            looked_at=page.looked_at,
            look_limit=LOOK_LIMIT,
        )

    async def _look(self) -> tuple[float, dict[str, KnownTopic], Found]:
        async with self._listing:
            if self._known is None or not 0 <= time.time() - self._known[0] < FRESH:
                self._known = await self._in(self._askers, self._ask)
            return self._known

    def _ask(self) -> tuple[float, dict[str, KnownTopic], Found]:
        deadline = Deadline(WITHIN)
        partitions = self._broker.partitions(deadline)
        topics = known_topics(partitions, self._prefix)
        places = [(name, number) for name in topics for number in partitions[name]]
        found = Found(self._broker.offsets(places, deadline), self._broker.committed(places, deadline))
        return time.time(), topics, found

    def _named(self, topics: Mapping[str, KnownTopic], name: str) -> KnownTopic:
        # The contract's name is one, too.
        found = topics.get(name) or topics.get(self._prefix + name)
        if found is None:
            raise UnknownTopicError(
                f"there is no topic {name!r} of Footfall's on the broker; GET /v1/topics lists them"
            )
        return found

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
        try:
            # A thread that hangs longer than it may is left to itself; its place is taken until it ends.
            async with asyncio.timeout(2 * WITHIN):
                return await asyncio.get_running_loop().run_in_executor(pool, work)
        except TimeoutError:
            raise NoAnswerError(f"no answer within {2 * WITHIN:g} s") from None


def _patient_once(schema: Callable[[int], Json]) -> Callable[[int], Json]:
    """Return what asks a registry that does not answer once, not once for each message."""
    failed: list[TransientError] = []

    def ask(number: int) -> Json:
        if failed:
            raise failed[0]
        try:
            return schema(number)
        except TransientError as error:
            failed.append(error)
            raise

    return ask
