"""Endpoints over HTTP: how they stand, and letting them get webhooks again."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from footfall_chassis.described import moment, problems

from footfall_alerting.api.asked import AWAY, UNKNOWN_ENDPOINT, StandingBook, answer
from footfall_alerting.api.document import EndpointList, EndpointShown, disabled_at
from footfall_alerting.api.messages import refuse_unknown
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.metrics import Meter

EndpointId = Annotated[str, Path(max_length=64, description="Id of the endpoint.", examples=["warehouse"])]


def endpoints_router(
    endpoints: Iterable[Endpoint], book: StandingBook, meters: Mapping[str, Meter], disable_after: timedelta
) -> APIRouter:
    """Return the routes of endpoints.

    Args:
        endpoints: Those of the settings.
        book: How they stand.
        meters: What waits for them.
        disable_after: Time of failing until one is disabled.
    """
    router = APIRouter(tags=["endpoints"])
    configured = {endpoint.id: endpoint for endpoint in endpoints}

    def shown(endpoint: Endpoint) -> EndpointShown:
        standing, meter = book.endpoints[endpoint.id], meters[endpoint.id]
        at = disabled_at(standing, disable_after.total_seconds())
        return EndpointShown(
            id=endpoint.id,
            host=endpoint.url.host or "",
            state=standing.state,
            enabled=endpoint.enabled,
            reason=standing.reason,
            since=moment(standing.since),
            failing_since=moment(standing.failing_since) if standing.failing_since else None,
            disabled_at=None if at is None else moment(at),
            waiting=int(meter.waiting()),
            oldest_waiting_seconds=max(0.0, meter.oldest()),
            event_types=None if endpoint.event_types is None else list(endpoint.event_types),
        )

    @router.get(
        "/v1/endpoints",
        response_description="Every endpoint; `waiting` is this worker's part of it.",
    )
    async def list_endpoints() -> EndpointList:
        """Return who gets webhooks, who fails since when, and who is disabled and why."""
        return EndpointList(endpoints=[shown(endpoint) for endpoint in configured.values()])

    @router.post(
        "/v1/endpoints/{endpoint}/enable",
        response_model=EndpointShown,
        response_description="The endpoint as it stands now.",
        responses=problems(UNKNOWN_ENDPOINT, AWAY),
    )
    async def enable(request: Request, endpoint: EndpointId) -> Response:
        """Let an endpoint get webhooks again, as if it had never failed; `recover` brings back what it has missed."""

        async def enabled() -> EndpointShown:
            refuse_unknown(book, endpoint)
            await book.enable(endpoint)
            return shown(configured[endpoint])

        return await answer(request, enabled(), HTTPStatus.OK)

    return router
