"""The standing of every configured endpoint as this worker knows it. No Kafka: what is to be written is handed out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from footfall_chassis.health import CheckResult

from footfall_alerting.errors import UnknownEndpointError
from footfall_alerting.events import Event
from footfall_alerting.job import Job
from footfall_alerting.metrics import DISABLED, FAILING_SINCE
from footfall_alerting.policy import Outcome
from footfall_alerting.standing.news import events_of, iso
from footfall_alerting.standing.state import Standing, began, decode, enabled, hash_of, merged, observed

CALM = 5.0
"""Seconds between two writings of an endpoint that fails and works by turns."""
WORTH_TELLING = 600.0
"""Seconds of failing after which whoever asks for the status is told."""

log = structlog.get_logger(__name__)


@dataclass
class _Known:
    standing: Standing
    url_hash: str
    """Of the URL that this worker is configured with."""
    durable: Standing
    """What the topic holds, as far as it was read or written; the beginning needs no writing."""
    written_at: float = float("-inf")


class Standings:
    """Knows who gets webhooks; is told of every outcome.

    Args:
        urls: Of the configured endpoints, by their ids.
        disable_after: Time of failing without a success until an endpoint is disabled.
        clock: Epoch seconds.
        wake: Called when there is something to send or to write.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        disable_after: timedelta,
        clock: Callable[[], float] = time.time,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._disable_after = disable_after.total_seconds()
        self._clock = clock
        self._read: dict[str, Standing] = {}
        """What the topic said before this worker had read it to its end."""
        self._known: dict[str, _Known] = {}
        self._news: list[Event] = []
        self.wake = wake
        now = clock()
        for endpoint, url in urls.items():
            first = began(None, hash_of(url), now)
            self._known[endpoint] = _Known(first, first.url_hash, first)
            self._show(endpoint)

    @property
    def endpoints(self) -> dict[str, Standing]:
        """The standing of every configured endpoint."""
        return {endpoint: known.standing for endpoint, known in self._known.items()}

    def is_disabled(self, endpoint: str) -> bool:
        """Tell whether an endpoint gets nothing; one that is not configured is not disabled."""
        known = self._known.get(endpoint)
        return known is not None and known.standing.is_disabled

    def observe(self, endpoint: str, outcome: Outcome, job: Job) -> None:
        """Take note of how an attempt at an endpoint ended."""
        known = self._known.get(endpoint)
        # A worker that still runs with an older URL has no say about the new one.
        if known is None or known.url_hash != known.standing.url_hash:
            return
        now, before = self._clock(), known.standing
        after = observed(before, outcome, now, self._disable_after)
        if after == before:
            return
        news = events_of(endpoint, before, after, outcome, job, now=now, disable_after=self._disable_after)
        self._news += news
        self._change(endpoint, after)
        for event in news:
            told = {name: event.data[name] for name in ("percent", "reason") if name in event.data}
            (log.error if after.is_disabled else log.warning)(event.type, endpoint=endpoint, **told)

    def enable(self, endpoint: str) -> Standing:
        """Let an endpoint get webhooks again, as if it had never failed.

        Raises:
            UnknownEndpointError: There is none of this id.
        """
        if endpoint not in self._known:
            raise UnknownEndpointError(endpoint)
        self._change(endpoint, enabled(self._known[endpoint].standing, self._clock()))
        log.info("endpoint enabled", endpoint=endpoint)
        return self._known[endpoint].standing

    def load(self, endpoint: str, value: bytes | None) -> None:
        """Take a record of the topic before its end has been reached."""
        if value and (read := decode(value)):
            self._read[endpoint] = merged(self._read.get(endpoint, read), read)

    def loaded(self) -> None:
        """Begin: the topic has been read to its end."""
        now = self._clock()
        for endpoint, known in self._known.items():
            read = self._read.pop(endpoint, None)
            if read is not None:
                known.durable = read
                known.standing = began(read, known.url_hash, now)
                self._show(endpoint)
        self._read.clear()
        self.wake()

    def take(self, endpoint: str, value: bytes | None) -> None:
        """Take a record that a worker, perhaps this one, has written since."""
        known = self._known.get(endpoint)
        if known is None or not value or not (read := decode(value)) or read == known.durable:
            return
        known.durable = read
        self._change(endpoint, merged(known.standing, read))

    def news(self) -> list[Event]:
        """Return the events that nobody has been told yet; they are to be sent before anything is written."""
        return list(self._news)

    def sent(self, event: Event) -> None:
        """Forget an event that is durable."""
        self._news.remove(event)

    def to_write(self, *, at_once: bool = False) -> dict[str, Standing]:
        """Return what the topic does not hold yet.

        Args:
            at_once: Also what may wait: whoever fails and works by turns is written every few seconds only.
        """
        now = self._clock()
        return {
            endpoint: known.standing
            for endpoint, known in self._known.items()
            if known.standing != known.durable
            and (at_once or _is_urgent(known) or not 0 <= now - known.written_at < CALM)
        }

    @property
    def has_more(self) -> bool:
        """Whether something is to be sent or written, now or later."""
        return bool(self._news or self.to_write(at_once=True))

    def written(self, endpoint: str, standing: Standing) -> None:
        """Note what the topic holds now."""
        known = self._known[endpoint]
        known.durable, known.written_at = standing, self._clock()

    def status(self) -> CheckResult:
        """Tell who gets nothing or fails; that is the receiver's trouble, and no reason for this service not to be ready."""
        now = self._clock()
        told = [
            f"{name} is disabled since {iso(each.since)} ({each.reason}): footfall webhook enable {name}"
            for name, each in self.endpoints.items()
            if each.is_disabled
        ]
        told += [
            f"{name} fails since {iso(each.failing_since)} ({each.reason})"
            for name, each in self.endpoints.items()
            if each.state == "failing" and now - each.failing_since > WORTH_TELLING
        ]
        if told:
            return CheckResult(ok=True, detail="; ".join(told), caution=True)
        return CheckResult(ok=True, detail=f"{len(self._known)} endpoints get webhooks")

    def _change(self, endpoint: str, after: Standing) -> None:
        self._known[endpoint].standing = after
        self._show(endpoint)
        self.wake()

    def _show(self, endpoint: str) -> None:
        standing = self._known[endpoint].standing
        DISABLED.labels(endpoint).set(standing.is_disabled)
        FAILING_SINCE.labels(endpoint).set(standing.failing_since)


def _is_urgent(known: _Known) -> bool:
    now, durable = known.standing, known.durable
    return now.is_disabled or (now.round, now.url_hash, now.told) != (durable.round, durable.url_hash, durable.told)
