"""The web application of the live page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import httpx
from fastapi import APIRouter, FastAPI
from footfall_chassis.api import OURSELVES, build
from footfall_chassis.described import problems
from footfall_chassis.health import Health
from starlette.middleware.trustedhost import TrustedHostMiddleware

from footfall_dashboard.api.assets import Assets, asset_router
from footfall_dashboard.api.guard import Guard, Guarded
from footfall_dashboard.api.login import login_router
from footfall_dashboard.api.models import BROKEN, NOT_NOW, UNAUTHORIZED
from footfall_dashboard.api.panels import panel_router
from footfall_dashboard.api.related import related_router
from footfall_dashboard.api.stream import Pages, stream_router
from footfall_dashboard.live.board import Board
from footfall_dashboard.live.live import Live

VERSION = "1"


@dataclass(frozen=True)
class Parts:
    """What the application is made of."""

    live: Live
    board: Board
    health: Health
    guard: Guard
    pages: Pages
    assets: Assets
    recommender_url: str
    recommender: httpx.AsyncClient
    version: str
    started_at: datetime
    local_only: bool
    """Whether it answers under the names of its own machine alone: otherwise a page from elsewhere, whose name its owner lets
    point here, could read along."""
    more: Iterable[APIRouter] = ()
    """Routes of other parts of the page."""


def build_api(parts: Parts) -> FastAPI:
    """Return the web application."""
    api = build(
        "Footfall live page",
        "What happens in the shop now: panels as JSON, as CSV and as a stream of changes. Read only.",
        VERSION,
        health=parts.health,
        routers=(
            panel_router(parts.live, parts.board),
            stream_router(parts.board, parts.pages, parts.version, parts.started_at),
            related_router(parts.recommender_url, parts.recommender),
            *parts.more,
            login_router(parts.guard),
            asset_router(parts.assets),
        ),
        responses=problems(UNAUTHORIZED, BROKEN, NOT_NOW),
    )
    api.add_middleware(Guarded, guard=parts.guard)
    if parts.local_only:
        api.add_middleware(TrustedHostMiddleware, allowed_hosts=OURSELVES, www_redirect=False)
    return api
