"""How one sink stands: by stream, what keeps it; told as metrics and as health. Read by another thread than the pump's."""

import logging
import time
from collections.abc import Callable, Sequence

import structlog
from footfall_chassis.health import CheckResult

from footfall_exporter.backoff import UNTIL_ACTED, Backoff
from footfall_exporter.metrics import BATCHES, FAILURES, LAG, LOST, OLDEST, REFUSED, ROWS
from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.streams import Stream

NAMED = 3
"""Streams that one line names."""

log = structlog.get_logger(__name__)


class Standing:
    """How one sink stands.

    Args:
        sink: Its name.
        streams: What it takes.
        clock: Epoch seconds.
        backoff: Makes the pauses of a stream.
    """

    def __init__(
        self,
        sink: str,
        streams: Sequence[Stream],
        clock: Callable[[], float] = time.time,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._backoffs = {stream.name: backoff() for stream in streams}
        self._stopped: dict[str, str] = {}
        self._lost: dict[str, int] = {}
        self._complaints: dict[str, str] = {}
        self._waiting = {stream.name for stream in streams}
        self._crashed = ""
        for stream in streams:
            for metric in (LAG, OLDEST, ROWS, REFUSED, LOST, BATCHES, FAILURES):
                metric.labels(sink, stream.name)

    def backoff(self, stream: Stream) -> Backoff:
        """Return the pauses of a stream."""
        return self._backoffs[stream.name]

    def failed(self, stream: Stream, error: Exception) -> None:
        """Note that the sink did not take rows of the stream, and leave it alone for as long as the error says."""
        FAILURES.labels(self._sink, stream.name).inc()
        asked, needs_action = None, False
        if isinstance(error, SinkUnavailableError):
            asked, needs_action = error.retry_after, error.needs_action
        pause = self._backoffs[stream.name].fail(str(error), retry_after=asked, needs_action=needs_action)
        log.log(
            logging.ERROR if needs_action else logging.WARNING,
            "sink does not take rows",
            sink=self._sink,
            stream=stream.name,
            reason=str(error),
            again_in=round(pause, 1),
        )

    def succeeded(self, stream: Stream) -> None:
        """Note that it did."""
        if self._backoffs[stream.name].reason:
            log.info("sink takes rows again", sink=self._sink, stream=stream.name)
        self._backoffs[stream.name].succeed()
        self._complaints.pop(stream.name, None)

    def nothing_waits(self, stream: Stream) -> None:
        """Note that no row of the stream waits for the sink: what could not be written is another instance's now."""
        self._backoffs[stream.name].succeed()

    def stop(self, stream: Stream, why: str) -> None:
        """Note that a stream is left alone until a person has done what `why` says."""
        log.error("stream is not exported", sink=self._sink, stream=stream.name, reason=why)
        self._stopped[stream.name] = why

    def is_stopped(self, stream: Stream) -> bool:
        """Tell whether a stream is left alone."""
        return stream.name in self._stopped

    def lost(self, stream: Stream, rows: int) -> None:
        """Note that the topic has deleted rows before they were exported."""
        LOST.labels(self._sink, stream.name).inc(rows)
        self._lost[stream.name] = self._lost.get(stream.name, 0) + rows

    def complain(self, stream: Stream, reason: str) -> None:
        """Note what Kafka says of a topic."""
        self._complaints[stream.name] = reason

    def crashed(self, reason: str) -> None:
        """Note that nothing is carried any more."""
        self._crashed = reason

    def wrote(self, stream: Stream, rows: int, refused: int) -> None:
        """Count rows."""
        ROWS.labels(self._sink, stream.name).inc(rows)
        REFUSED.labels(self._sink, stream.name).inc(refused)

    def batch_done(self, stream: Stream) -> None:
        """Count a batch."""
        BATCHES.labels(self._sink, stream.name).inc()

    def measured(self, stream: Stream, lag: int, oldest: int | None, *, waiting: bool) -> None:
        """Note how far the sink is behind.

        Args:
            stream: Of which stream.
            lag: Offsets.
            oldest: When the oldest row that waits was appended, in epoch milliseconds; None: none waits.
            waiting: Whether partitions have not begun.
        """
        LAG.labels(self._sink, stream.name).set(lag)
        OLDEST.labels(self._sink, stream.name).set(0 if oldest is None else max(0.0, self._clock() - oldest / 1000))
        (self._waiting.add if waiting else self._waiting.discard)(stream.name)

    def status(self) -> CheckResult:
        """Tell whether all streams are carried, and what to do when not."""
        if self._crashed:
            return CheckResult(ok=False, detail=f"{self._sink} carries nothing: {self._crashed}")
        if self._stopped:
            return CheckResult(ok=False, detail=_some(self._stopped))
        if waits := {name: each.reason for name, each in self._backoffs.items() if each.needs_action}:
            rarely = f"tried again every {UNTIL_ACTED / 60:.0f} min, at once after a restart"
            return CheckResult(ok=False, detail=f"{self._sink} waits for somebody to act ({rarely}): {_some(waits)}")
        if kept := {name: backoff.reason for name, backoff in self._backoffs.items() if backoff.reason}:
            return CheckResult(ok=False, detail=f"{self._sink} does not take rows and is tried again: {_some(kept)}")
        if self._complaints:
            return CheckResult(ok=False, detail=f"Kafka says: {_some(dict(self._complaints))}")
        if self._waiting:
            return CheckResult(ok=False, detail=f"waiting for {', '.join(sorted(self._waiting)[:NAMED])}")
        lost = f"; deleted before they were exported: {self._lost}" if self._lost else ""
        return CheckResult(
            ok=True, detail=f"{len(self._backoffs)} streams are carried into {self._sink}{lost}", caution=bool(lost)
        )


def _some(reasons: dict[str, str]) -> str:
    more = f" (and {len(reasons) - NAMED} more streams)" if len(reasons) > NAMED else ""
    return "; ".join(f"{name}: {reason}" for name, reason in sorted(reasons.items())[:NAMED]) + more
