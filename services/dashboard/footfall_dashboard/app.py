"""Composition root of the live page."""

import asyncio
import threading
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from footfall_chassis.health import CheckResult, Health
from footfall_chassis.kafka_watch import KafkaWatch, watching
from footfall_health.shop import ShopSettings
from footfall_schemas.access_errors import BrokerAwayError, check_credentials
from footfall_schemas.registry import RegistryUnavailableError, SchemaRegistry

from footfall_dashboard import page
from footfall_dashboard.api.api import Parts, build_api
from footfall_dashboard.api.assets import Assets
from footfall_dashboard.api.guard import Guard
from footfall_dashboard.api.related import asker
from footfall_dashboard.api.stream import Pages
from footfall_dashboard.live.board import Board
from footfall_dashboard.live.follow import Follower
from footfall_dashboard.live.intake import Intake
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.panel import Panel
from footfall_dashboard.live.panel import document as document_of
from footfall_dashboard.live.rows import EVENTS
from footfall_dashboard.live.store import Store
from footfall_dashboard.metrics import CHANGES, DRAW_SECONDS, DROPPED, EVENT_TIME, ROWS
from footfall_dashboard.parts import pipeline_of, topics_of
from footfall_dashboard.pipeline.routes import pipeline_router
from footfall_dashboard.settings import DashboardSettings
from footfall_dashboard.topics.routes import topics_router

PAGE = Path(page.__file__).parent
PATIENCE = 3.0
"""Seconds Kafka has at the start to say that it refuses us; away, it is waited for, and the page says so."""
PIPELINE = "pipeline"
WAITING = CheckResult(ok=False, detail="waiting for Kafka")

log = structlog.get_logger(__name__)


class Dashboard:
    """The live page: what is read, what is drawn of it, who is told.

    Args:
        settings: Of the page.
        shop: How the jobs are run.
        health: Told what must hold.
    """

    def __init__(self, settings: DashboardSettings, shop: ShopSettings, health: Health) -> None:
        self._settings = settings
        self._health = health
        self._board = Board()
        self._live = Live(Store(settings.max_rows), settings.zone)
        self._recommender = asker()
        self._pipeline = pipeline_of(settings, shop)
        self._topics = topics_of(settings, self._pipeline)
        # Nobody is ready before everything has been read.
        health.checks["streams"] = lambda: WAITING

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
                more=(pipeline_router(self._pipeline), topics_router(self._topics)),
            )
        )

    async def work(self) -> None:
        """Read, draw and tell until cancelled."""
        settings, stopping = self._settings, threading.Event()
        registry = settings.registry()
        await asyncio.to_thread(_see_that_we_may, settings, registry)
        with watching(settings.librdkafka(), settings.topic_prefix + EVENTS.topic) as watch:
            follower = self._follower(registry, watch, asyncio.get_running_loop())
            self._health.checks |= {"broker": watch.status, "streams": follower.status}
            works = [asyncio.to_thread(follower.run, stopping), self._pipeline.run(), self._tell_of_the_pipeline()]
            tasks = [asyncio.ensure_future(each) for each in works]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                stopping.set()
                for task in tasks:
                    task.cancel()
                self._topics.close()
                registry.close()
                await self._recommender.aclose()

    def _follower(self, registry: SchemaRegistry, watch: KafkaWatch, loop: asyncio.AbstractEventLoop) -> Follower:
        return Follower(
            self._settings.librdkafka(),
            self._settings.topic_prefix,
            self._live,
            Intake(self._live, registry.schema),
            silent_for=watch.silent_for,
            tell=partial(self._draw, loop),
            checkpoint_interval=self._settings.checkpoint_interval,
        )

    async def _tell_of_the_pipeline(self) -> None:
        seen = 0
        while True:
            seen, document = await self._pipeline.newer(seen)
            self._board.put(PIPELINE, PIPELINE, partial(_unnumbered, document))

    def _draw(self, loop: asyncio.AbstractEventLoop) -> None:
        """Draw what has changed, in the reading thread, and have the loop tell it."""
        with DRAW_SECONDS.time():
            panels = self._live.changed()
        self._measure()
        if panels:
            CHANGES.inc(len(panels))
            loop.call_soon_threadsafe(self._tell, panels)

    def _tell(self, panels: list[Panel]) -> None:
        for panel in panels:
            self._board.put(panel.id, "panel", partial(document_of, panel))

    def _measure(self) -> None:
        store = self._live.store
        for topic, size in store.sizes().items():
            ROWS.labels(topic).set(size)
        DROPPED.set(store.dropped())
        if front := store.of(EVENTS).front:
            EVENT_TIME.set(front.timestamp())


def _unnumbered(document: dict[str, Any], _: int) -> dict[str, Any]:
    return document


def _see_that_we_may(settings: DashboardSettings, registry: SchemaRegistry) -> None:
    """See that Kafka and the registry take us, as far as they answer.

    Raises:
        AccessRefusedError: One of them refuses us, or is none.
    """
    for ask in (partial(check_credentials, settings.librdkafka(), PATIENCE), registry.ping):
        try:
            ask()
        except (BrokerAwayError, RegistryUnavailableError) as error:
            log.warning("waiting", error=str(error))
