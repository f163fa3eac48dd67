"""What the alerting service counts: by endpoint, and there are no others than those that are configured."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from footfall_chassis.metrics import counter, gauge, seconds

from footfall_alerting.policy import Outcome, Result

OTHER = "other"
"""Stands for endpoints that are not configured any more, and for records that are for none."""


class DeadReason(StrEnum):
    """Why a job, or a record that cannot be read, is a dead letter."""

    EXHAUSTED = "exhausted"
    GONE = "gone"
    DISABLED = "disabled"
    NOT_CONFIGURED = "not_configured"
    UNREADABLE = "unreadable"


_ATTEMPTS = counter(
    "footfall_webhook_attempts_total",
    "Attempts to deliver a webhook, by endpoint and by how they ended.",
    ("endpoint", "outcome"),
)
_ATTEMPT_SECONDS = seconds(
    "footfall_webhook_attempt_seconds",
    "How long one attempt took.",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 15),
    ("endpoint",),
)
_DELIVERY_SECONDS = seconds(
    "footfall_webhook_delivery_seconds",
    "From the event in the shop to the receiver's 2xx.",
    (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600, 36_000, 259_200),
    ("endpoint",),
)
_QUEUE_SECONDS = seconds(
    "footfall_webhook_queue_seconds",
    "How long a webhook that was due waited for its turn: a slot, the rate, a hold, another of its key.",
    (0.005, 0.025, 0.1, 0.5, 1, 5, 30, 300, 3600),
    ("endpoint",),
)
_WAITING = gauge(
    "footfall_webhook_waiting", "Webhooks that this worker holds and that are not finished.", ("endpoint",)
)
_OLDEST_WAITING = gauge(
    "footfall_webhook_oldest_waiting_seconds",
    "For how long the oldest of them has been due; 0: none is.",
    ("endpoint",),
)
_RETRIES = counter("footfall_webhook_retries_total", "Webhooks that wait for another attempt.", ("endpoint",))
_DEAD_LETTERS = counter(
    "footfall_webhook_dead_letters_total",
    "Webhooks and records given up, by endpoint and reason.",
    ("endpoint", "reason"),
)
DISABLED = gauge("footfall_webhook_endpoint_disabled", "1 while the endpoint gets nothing.", ("endpoint",))
FAILING_SINCE = gauge(
    "footfall_webhook_endpoint_failing_since_seconds",
    "Epoch seconds since when an endpoint fails without a success; 0: it does not.",
    ("endpoint",),
)
EVENTS = counter("footfall_webhook_events_total", "Events read, from whichever topic.")
LAG = gauge("footfall_webhook_lag", "Records of this worker's partitions that are not settled yet.")
HISTORY_LOST = counter(
    "footfall_webhook_history_lost_total", "Messages that could not be kept for `footfall webhook attempts`."
)


def _none() -> float:
    return 0.0


class Meter:
    """What is counted of one endpoint; every series of it exists from the start.

    Args:
        endpoint: Its id.
    """

    def __init__(self, endpoint: str) -> None:
        made = (Result.DELIVERED, Result.FAILED, Result.GONE)
        self._attempts = {result: _ATTEMPTS.labels(endpoint, result.value) for result in made}
        self._dead = {reason: _DEAD_LETTERS.labels(endpoint, reason.value) for reason in DeadReason}
        self._attempt_seconds = _ATTEMPT_SECONDS.labels(endpoint)
        self._delivery_seconds = _DELIVERY_SECONDS.labels(endpoint)
        self._queue_seconds = _QUEUE_SECONDS.labels(endpoint)
        self._retries = _RETRIES.labels(endpoint)
        self._gauges = (_WAITING.labels(endpoint), _OLDEST_WAITING.labels(endpoint))
        self.waiting: Callable[[], float] = _none
        """Returns how many jobs this worker holds."""
        self.oldest: Callable[[], float] = _none
        """Returns for how many seconds the oldest of them has been due."""

    def watch(self, waiting: Callable[[], float], oldest: Callable[[], float]) -> None:
        """Ask these, whenever somebody looks, how many wait, and for how many seconds the oldest has been due."""
        self.waiting, self.oldest = waiting, oldest
        for gauge_, look in zip(self._gauges, (waiting, oldest), strict=True):
            gauge_.set_function(look)

    def attempted(self, outcome: Outcome) -> None:
        """Count an attempt; one that was not made is none."""
        if counted := self._attempts.get(outcome.result):
            counted.inc()
            self._attempt_seconds.observe(outcome.seconds)

    def delivered(self, after: float) -> None:
        """Count a delivery, so many seconds after the event."""
        self._delivery_seconds.observe(max(0.0, after))

    def began(self, waited: float) -> None:
        """Count a turn that has come, so many seconds after it was due."""
        self._queue_seconds.observe(max(0.0, waited))

    def retried(self) -> None:
        """Count a job that waits for another attempt."""
        self._retries.inc()

    def gave_up(self, reason: str) -> None:
        """Count a dead letter, by one of the reasons of `DeadReason`."""
        self._dead[DeadReason(reason)].inc()


def meters(endpoints: Iterable[str]) -> Mapping[str, Meter]:
    """Return the meter of every configured endpoint, and one under `OTHER` for what belongs to none of them."""
    return {endpoint: Meter(endpoint) for endpoint in (*endpoints, OTHER)}
