"""What the commands do, with the clients that they share."""

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from footfall_schemas.access_errors import check_credentials
from footfall_schemas.topics import Json, Topic

from footfall_analytics.dead_letters.decoding import decoded
from footfall_analytics.dead_letters.finding import Found, find
from footfall_analytics.dead_letters.letter import Letter, Place, Wanted
from footfall_analytics.dead_letters.marks import read_marks
from footfall_analytics.dead_letters.mending import Mend
from footfall_analytics.dead_letters.preparing import Preparation, described_by
from footfall_analytics.dead_letters.present import whole
from footfall_analytics.dead_letters.reading import Reader
from footfall_analytics.dead_letters.retrying import Outcome, retry
from footfall_analytics.settings import AnalyticsSettings


class DeadLetterQueue:
    """Finds, shows and sends; a context manager.

    Args:
        settings: Of the analytics, for the connection, the topics' prefix and how far ahead an event may lie.

    Raises:
        AccessRefusedError: The broker refuses the user.
        BrokerAwayError: The broker does not answer.
    """

    def __init__(self, settings: AnalyticsSettings) -> None:
        self._settings = settings
        self._client = settings.librdkafka()
        check_credentials(self._client)
        self._registry = settings.registry()
        self._reader = Reader(self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)
        self._registry.close()

    def find(self, wanted: Wanted, *, last: int, with_payloads: bool = True) -> Found:
        """Return the dead letters that are wanted among the last ones of each partition."""
        prefix = self._settings.topic_prefix
        return find(self._reader, self._registry, wanted, last=last, prefix=prefix, with_payloads=with_payloads)

    def marks(self) -> dict[str, Place]:
        """Return where each message went that has been sent again."""
        return read_marks(self._reader, self._settings.topic_prefix)

    def described(self, letter: Letter) -> Topic | None:
        """Return the topic of events that a message came from."""
        return described_by(letter, self._settings.topic_prefix)

    def whole(self, letter: Letter) -> Json:
        """Return all there is to say of a dead letter."""
        described = self.described(letter)
        original = self._reader.originals([letter.place]).get(letter.place)
        read = decoded(letter.payload, self._registry, described) if described else None
        return whole(letter, described, self.marks(), read, original)

    def retry(self, letters: list[Letter], mend: Mend, *, dry_run: bool, as_json: bool) -> int:
        """Send messages again, print what became of each, and return how many were not sent."""
        now = datetime.now(UTC)
        latest = now + self._settings.max_future_skew
        preparation = Preparation(self._registry, mend, now, latest, self._settings.topic_prefix)
        counts: Counter[str] = Counter()
        for outcome in retry(self._client, letters, preparation, dry_run=dry_run):
            word, text = _told(outcome)
            counts[word] += 1
            counts["old"] += _is_old(outcome, now, self._settings)
            print(json.dumps(_plain(outcome, word)) if as_json else text, flush=True)
        if counts["old"]:
            print(
                f"footfall: {counts['old']} happened more than {self._settings.watermark_delay.total_seconds():g} s ago: "
                "they are late if the shop has gone on since; --set event_time=now counts them now",
                file=sys.stderr,
            )
        return counts["not sent"]


def _told(outcome: Outcome) -> tuple[str, str]:
    place = outcome.letter.place
    if outcome.not_sent:
        return "not sent", f"{place} not sent: {outcome.not_sent}"
    if outcome.before:
        return "sent before", f"{place} was already sent again, to {outcome.sent_to}"
    if outcome.sent_to is None:
        return "would be sent", f"{place} would be sent again"
    return "sent", f"{place} sent again to {outcome.sent_to}"


def _plain(outcome: Outcome, word: str) -> Json:
    return {
        "message": str(outcome.letter.place),
        "outcome": word,
        "sent_to": str(outcome.sent_to) if outcome.sent_to else None,
        "reason": outcome.not_sent or None,
    }


def _is_old(outcome: Outcome, now: datetime, settings: AnalyticsSettings) -> bool:
    time = outcome.again.event_time if outcome.again else None
    return time is not None and time < now - settings.watermark_delay
