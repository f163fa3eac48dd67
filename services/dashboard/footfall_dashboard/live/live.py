"""The panels as they are now: drawn again when their rows have changed, at most once a second."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from footfall_dashboard.live.catalog import CATALOG
from footfall_dashboard.live.days import minute_of
from footfall_dashboard.live.draw import draw
from footfall_dashboard.live.info import PanelInfo
from footfall_dashboard.live.panel import Panel
from footfall_dashboard.live.rows import PROGRESS, STREAMS
from footfall_dashboard.live.state import Reading, outlook_of
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range, View


def clock() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Live:
    """Rows and what is drawn from them; safe to share between threads.

    Args:
        store: The rows.
        zone: The shop's time zone.
        now: Returns the time, in UTC.
    """

    def __init__(self, store: Store, zone: ZoneInfo, now: Callable[[], datetime] = clock) -> None:
        self.store = store
        self.reading = Reading()
        self.lock = threading.Lock()
        """Held by whoever changes or reads the rows."""
        self.zone = zone
        self._now = now
        self._drawn: dict[str, tuple[tuple[object, ...], Panel]] = {}

    def draw(self, panel: str, asked: Range) -> Panel:
        """Return a panel of a range.

        Raises:
            RangeError: It cannot be drawn for it.
        """
        with self.lock:
            return draw(panel, self._view(asked), self.reading)

    def changed(self) -> list[Panel]:
        """Return the panels that are not as they were when this was last asked."""
        with self.lock:
            self._forget_old()
            view = self._view(Range())
            return [panel for info in CATALOG if (panel := self._redrawn(info, view))]

    def _redrawn(self, info: PanelInfo, view: View) -> Panel | None:
        # Progress is heard with every checkpoint; what is drawn of it is minutes.
        signature = (
            [self.store.named(topic).version for topic in info.topics],
            [(job.job, minute_of(job.watermark)) for job in self.store.all(PROGRESS)],
            outlook_of(info, view, self.reading),
            minute_of(view.now),
        )
        before = self._drawn.get(info.id)
        if before and before[0] == signature:
            return None
        drawn = draw(info.id, view, self.reading)
        self._drawn[info.id] = signature, drawn
        return None if before and before[1] == drawn else drawn

    def _view(self, asked: Range) -> View:
        return View(self.store, self.zone, self._now(), asked)

    def _forget_old(self) -> None:
        for stream in STREAMS:
            if stream.kept is not None:
                self.store.of(stream).forget_before(minute_of(self._now() - stream.kept))
