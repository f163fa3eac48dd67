"""The map over HTTP."""

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from footfall_chassis.described import problems
from footfall_chassis.problem import problem

from footfall_dashboard.pipeline.document import PipelineMap
from footfall_dashboard.pipeline.sampler import Pipeline

FIRST = 5.0
"""Seconds that the first look may take."""


def pipeline_router(pipeline: Pipeline) -> APIRouter:
    """Return the routes of the map.

    Args:
        pipeline: Whose `run` goes on meanwhile.
    """
    router = APIRouter(tags=["pipeline"])

    @router.get(
        "/v1/pipeline",
        response_model=PipelineMap,
        response_description="The map as it was found a few seconds ago at most; `as_of` says when.",
        responses=problems((503, "Nobody has looked yet; ask again in some seconds.")),
    )
    async def pipeline_map(request: Request) -> Response:
        """Return how the messages flow: from who writes events over topics and jobs to the services that read results.

        What is wrong is what `footfall status` says: both judge by the same facts.
        """
        try:
            async with asyncio.timeout(FIRST):
                _, document = await pipeline.newer()
        except TimeoutError:
            return problem(
                request,
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the pipeline has not been looked at yet; ask again in some seconds",
                {"retry-after": "3"},
            )
        return JSONResponse(document, headers={"cache-control": "no-store"})

    return router
