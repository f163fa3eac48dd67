"""Composition root of the live page."""

import asyncio
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from footfall_chassis.health import Health

from footfall_dashboard import page
from footfall_dashboard.api.api import Parts, build_api
from footfall_dashboard.api.assets import Assets
from footfall_dashboard.api.guard import Guard
from footfall_dashboard.api.related import asker
from footfall_dashboard.api.stream import Pages
from footfall_dashboard.live.board import Board
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.panel import document
from footfall_dashboard.live.store import Store
from footfall_dashboard.settings import DashboardSettings

PAUSE = 1.0
"""Seconds between two looks at what has changed."""
PAGE = Path(page.__file__).parent


class Dashboard:
    """The live page: what is read, what is drawn of it, who is told."""

    def __init__(self, settings: DashboardSettings, health: Health) -> None:
        self._settings = settings
        self._health = health
        self._board = Board()
        self._live = Live(Store(settings.max_rows), settings.zone)
        self._recommender = asker()

    @cached_property
    def api(self) -> FastAPI:
        """The web application."""
        token = self._settings.token.get_secret_value()
        return build_api(
            Parts(
                live=self._live,
                board=self._board,
                health=self._health,
                guard=Guard(token),
                pages=Pages(self._settings.max_pages),
                assets=Assets(PAGE),
                recommender_url=self._settings.recommender_url,
                recommender=self._recommender,
                version=version(self._health.distribution),
                started_at=datetime.now(UTC),
                local_only=self._settings.is_local and not (token or self._settings.behind_proxy),
            )
        )

    async def work(self) -> None:
        """Read, draw and tell until cancelled."""
        try:
            while True:
                self._tell()
                await asyncio.sleep(PAUSE)
        finally:
            await self._recommender.aclose()

    def _tell(self) -> None:
        for panel in self._live.changed():
            self._board.put(panel.id, "panel", lambda number, panel=panel: document(panel, number))
