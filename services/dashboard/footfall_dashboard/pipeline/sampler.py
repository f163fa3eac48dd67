"""Looks at the pipeline again and again, in a thread, whether one page is open or a hundred."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from footfall_health.ask.look import look
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import Observation
from footfall_health.watched import Watched

from footfall_dashboard.pipeline import services
from footfall_dashboard.pipeline.document import PipelineMap, document_of
from footfall_dashboard.pipeline.model import Look, Wiring, draw
from footfall_dashboard.pipeline.rates import Rates, counts_of

EVERY = 3.0
"""Seconds from one look to the next; everybody who is asked has half of that."""

log = structlog.get_logger(__name__)


class Pipeline:
    """The map as it is now.

    Args:
        watched: What is looked at.
        prefix: What the names of all topics begin with.
        flink_ui: Where people see Flink's own pages.
        ask: How it is looked.
        every: Seconds between two looks.
    """

    def __init__(
        self,
        watched: Watched,
        *,
        prefix: str = "",
        flink_ui: str = "",
        ask: Callable[[Watched], Observation] = look,
        every: float = EVERY,
    ) -> None:
        own = {name: prefix + group for name, group in services.GROUPS.items() if name in watched.services}
        self._watched = replace(watched, groups={**watched.groups, **own})
        self._blank = Look(Observation(0.0), (), self._watched, prefix=prefix, flink_ui=flink_ui or watched.flink)
        self._ask = ask
        self._every = every
        self._memory, self._rates, self._wiring = Memory(), Rates(), Wiring()
        self._changed = asyncio.Condition()
        self.groups = tuple(sorted(set(self._watched.groups.values())))
        """Consumer groups of the jobs and of the services."""
        self.version = 0
        """How often it has been looked; 0: there is no document yet."""
        self.document: dict[str, Any] = {}
        """What the last look has found, in JSON values."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            began = time.monotonic()
            try:
                found = await asyncio.to_thread(self.look)
            except Exception:
                # The map stands still then, and its time says so.
                log.exception("the pipeline cannot be drawn")
            else:
                async with self._changed:
                    self.document = document_of(found)
                    self.version += 1
                    self._changed.notify_all()
            await asyncio.sleep(max(began + self._every - time.monotonic(), 0.1))

    def look(self) -> PipelineMap:
        """Look once and return the map; blocks as long as somebody may take to answer."""
        seen = self._ask(self._watched)
        self._wiring.learn(seen)
        return draw(
            replace(
                self._blank,
                seen=seen,
                facts=judge(seen, self._watched, self._memory),
                rates=self._rates.note(seen.at, counts_of(seen, self._watched)),
                wiring=self._wiring,
            )
        )

    async def newer(self, after: int = 0) -> tuple[int, dict[str, Any]]:
        """Wait for a map that is newer than the one of a version, and return its version and its document.

        Who asks for the newer of the last one again and again sees every change that he is quick enough for.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self.version > after)
            return self.version, self.document
