"""The web application of the alerting service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import FastAPI
from footfall_chassis.api import OURSELVES, build
from footfall_chassis.bearer import Token
from footfall_chassis.health import Health
from starlette.middleware.trustedhost import TrustedHostMiddleware

from footfall_alerting.api.asked import EVERYWHERE, Historian, StandingBook, Tell
from footfall_alerting.api.endpoints import endpoints_router
from footfall_alerting.api.guard import Guarded
from footfall_alerting.api.messages import messages_router
from footfall_alerting.api.triggering import intake_router, trigger_router, types_router
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.metrics import Meter

VERSION = "1"


@dataclass(frozen=True)
class Parts:
    """What the application is made of."""

    health: Health
    token: Token
    endpoints: Sequence[Endpoint]
    """Those of the settings."""
    meters: Mapping[str, Meter]
    """By the ids of the endpoints."""
    history: Historian
    book: StandingBook
    tell: Tell
    disable_after: timedelta
    """Time of failing until an endpoint is disabled."""
    dashboard_url: str
    """Where people open the live page."""
    local_only: bool
    """Whether it answers under the names of its own machine alone: otherwise a page from elsewhere, whose name its owner lets
    point here, could ask."""


def build_api(parts: Parts) -> FastAPI:
    """Return the web application."""
    api = build(
        "Footfall alerting",
        "What became of webhooks, by endpoint; sending them again; trying a receiver. Every worker answers for all.",
        VERSION,
        health=parts.health,
        routers=(
            messages_router(parts.history, parts.book),
            endpoints_router(parts.endpoints, parts.book, parts.meters, parts.disable_after),
            types_router(),
            trigger_router(parts.endpoints, parts.history, parts.book, parts.dashboard_url),
            intake_router(parts.tell),
        ),
        responses=EVERYWHERE,
    )
    api.add_middleware(Guarded, token=parts.token)
    if parts.local_only:
        api.add_middleware(TrustedHostMiddleware, allowed_hosts=OURSELVES, www_redirect=False)
    return api
