"""What became of webhooks, asked of Kafka: any worker can answer, for it holds nothing itself."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.messages import reading

from footfall_alerting.errors import BusyError
from footfall_alerting.history.dead_jobs import dead_jobs, still_dead
from footfall_alerting.history.resends import WRITTEN_WITHIN, append
from footfall_alerting.history.search import LOOK_LIMIT, SLACK, Found, Log, Page, Query
from footfall_alerting.history.stored_topic import StoredTopic
from footfall_alerting.job import Job

WITHIN = 20.0
"""Seconds in which Kafka must have answered all that a question needs."""
RECOVERED_WITHIN = 120.0
"""Seconds in which Kafka must have answered what was given up and what became of it since: that may be a lot to read."""
QUEUE = 2.0
"""Seconds that a question waits for its turn: one is answered at a time, since sending comes first."""
FIND_LIMIT = 5 * LOOK_LIMIT
"""Records among which one webhook is looked for."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class HistoryTopics:
    """Names of topics on the broker."""

    messages: str
    dead_letters: str
    resends: str


@dataclass(frozen=True)
class Recovered:
    """What was brought back."""

    jobs: int
    until: float | None
    """Epoch seconds up to which dead letters were looked at, if there were too many for one request; None: all."""


class History:
    """Answers one question at a time, each in a thread.

    Every question raises AccessRefusedError if the broker refuses us, BrokerAwayError or NoAnswerError if it does not answer
    (in time), and BusyError while others are answered.

    Args:
        client: librdkafka settings of the connection.
        topics: Where it looks and writes.
        clock: Epoch seconds.
    """

    def __init__(
        self, client: Mapping[str, str], topics: HistoryTopics, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = dict(client)
        self._topics = topics
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "history")
        self._turn = asyncio.Lock()

    def close(self) -> None:
        """Take no more questions."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def newest(self, query: Query, limit: int) -> Page:
        """Return messages, the one that changed last first."""
        return await self._ask(lambda: self._with_log(LOOK_LIMIT, lambda log: log.newest(query, limit)))

    async def find(self, webhook_id: str) -> Found | None:
        """Return the newest message of one webhook; None: nothing is kept of it."""
        return await self._ask(lambda: self._with_log(FIND_LIMIT, lambda log: log.find(webhook_id)))

    async def send(self, jobs: Iterable[tuple[int, Job]]) -> None:
        """Hand jobs, each with its partition, to the workers that own them; return when that is durable."""
        await self._ask(lambda: append(self._client, self._topics.resends, jobs))

    async def recover(self, endpoint: str, since: float, until: float | None = None) -> Recovered:
        """Send again what was given up in that time, epoch seconds, and is still dead."""
        return await self._ask(lambda: self._recover(endpoint, since, until))

    async def partitions(self) -> int:
        """Return how many partitions jobs have."""
        return await self._ask(lambda: len(StoredTopic(self._client, self._topics.resends, Deadline(WITHIN)).kept))

    def _with_log(self, left: int, ask: Callable[[Log], Answer]) -> Answer:
        deadline, name = Deadline(WITHIN), self._topics.messages
        topic = StoredTopic(self._client, name, deadline)
        with reading(self._client, name, deadline) as read:
            return ask(Log(read, topic.offsets, topic.kept, self._clock(), left))

    def _recover(self, endpoint: str, since: float, until: float | None) -> Recovered:
        now, deadline = self._clock(), Deadline(RECOVERED_WITHIN)
        letters = StoredTopic(self._client, self._topics.dead_letters, deadline)
        dead, stopped = dead_jobs(letters.since(since), endpoint, now if until is None else until)
        if dead:
            messages = StoredTopic(self._client, self._topics.messages, deadline)
            dead = still_dead(dead, messages.since(min(each.at for each in dead) - SLACK))
        jobs = [(each.partition, each.job.again("recover", now)) for each in dead]
        append(self._client, self._topics.resends, jobs)
        return Recovered(len(jobs), stopped)

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        try:
            async with asyncio.timeout(QUEUE):
                await self._turn.acquire()
        except TimeoutError:
            raise BusyError("another question is being answered; ask again") from None
        try:
            # A thread that hangs longer than it may keeps its place until it ends.
            async with asyncio.timeout(RECOVERED_WITHIN + WRITTEN_WITHIN + WITHIN):
                return await asyncio.get_running_loop().run_in_executor(self._thread, question)
        except TimeoutError:
            raise NoAnswerError(f"no answer within {RECOVERED_WITHIN:g} s") from None
        finally:
            self._turn.release()
