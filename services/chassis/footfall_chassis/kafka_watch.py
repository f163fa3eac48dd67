"""Whether Kafka answers, asked again and again: clients that wait for it tell nobody how long."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog
from confluent_kafka.admin import AdminClient

from footfall_chassis.health import CheckResult
from footfall_chassis.logging import SPARING
from footfall_chassis.sparing import EVERY

PAUSE = 2.0
"""Seconds between two questions."""
TIMEOUT = 3.0
"""Seconds that one may take."""
AWAY_AFTER = 7.0
"""Seconds without an answer after which Kafka is away: one question that took too long is none yet."""

log = structlog.get_logger(__name__)


class KafkaWatch:
    """Knows since when Kafka has not answered.

    Args:
        ask: Returns when there is an answer, raises when there is none.
        clock: Monotonic seconds.
    """

    def __init__(self, ask: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._answered = clock()
        self._told: float | None = None
        """When it was last said that Kafka is away; None while it is not."""

    def look(self) -> None:
        """Ask once; say that Kafka is away once a minute, and that it is back."""
        try:
            self._ask()
        except Exception as error:  # noqa: BLE001  whatever the client raises, it is no answer
            self._miss(error)
        else:
            self._hear()

    def silent_for(self) -> float | None:
        """Return for how many seconds Kafka has been away; None: it answers."""
        silent = self._clock() - self._answered
        return silent if silent >= AWAY_AFTER else None

    def status(self) -> CheckResult:
        """Tell whether Kafka answers."""
        if (silent := self.silent_for()) is not None:
            return CheckResult(ok=False, detail=f"Kafka has not answered for {silent:.0f} s")
        return CheckResult(ok=True, detail="Kafka answers")

    def _miss(self, error: Exception) -> None:
        now = self._clock()
        if now - self._answered < AWAY_AFTER:
            return
        SPARING.hush()
        if self._told is None or now - self._told >= EVERY:
            self._told = now
            silent = round(now - self._answered)
            log.warning("kafka does not answer", seconds=silent, reason=str(error), lines_left_out=SPARING.left_out())

    def _hear(self) -> None:
        now = self._clock()
        if self._told is not None:
            SPARING.speak()
            log.warning("kafka answers again", seconds=round(now - self._answered), lines_left_out=SPARING.left_out())
        self._told = None
        self._answered = now


@contextmanager
def watching(client: Mapping[str, str], topic: str) -> Iterator[KafkaWatch]:
    """Watch within the block, in a thread.

    Args:
        client: librdkafka settings of the connection.
        topic: One that we may read, to ask for.
    """
    admin = AdminClient(dict(client))
    watch, stopping = KafkaWatch(lambda: admin.list_topics(topic, timeout=TIMEOUT)), threading.Event()

    def look() -> None:
        while not stopping.wait(PAUSE):
            watch.look()

    threading.Thread(target=look, name="kafka-watch", daemon=True).start()
    try:
        yield watch
    finally:
        stopping.set()
