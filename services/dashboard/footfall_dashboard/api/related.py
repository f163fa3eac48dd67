"""Passes on what the recommender says of a product."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

import httpx
from fastapi import APIRouter, Path
from fastapi.responses import Response
from footfall_chassis.described import problems
from starlette.exceptions import HTTPException

from footfall_dashboard.api.models import NOT_NOW, WRONG, RelatedModel

TIMEOUT = 2.0
"""Seconds the recommender may take."""
LIMIT = 10


def related_router(url: str, client: httpx.AsyncClient) -> APIRouter:
    """Return the route of related products.

    Args:
        url: Base address of the recommender.
        client: Asks it.
    """
    router = APIRouter(tags=["related"])

    @router.get(
        "/v1/related/{product_id}",
        response_model=RelatedModel,
        response_description="What the recommender answered.",
        responses=problems(WRONG, NOT_NOW),
    )
    async def related(
        product_id: Annotated[
            str, Path(min_length=1, max_length=256, description="Id of the product.", examples=["product-000007"])
        ],
    ) -> Response:
        """Return the products that are viewed together with one, as the recommender says at this moment."""
        address = f"{url.rstrip('/')}/v1/products/{quote(product_id, safe='')}/related"
        try:
            answer = await client.get(address, params={"limit": LIMIT})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _away(type(error).__name__) from error
        if answer.status_code != HTTPStatus.OK:
            raise _away(f"it answered {answer.status_code}")
        return Response(answer.content, media_type="application/json", headers={"cache-control": "no-store"})

    def _away(reason: str) -> HTTPException:
        return HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"the recommender does not answer ({reason}): start it, or set DASHBOARD_RECOMMENDER_URL to where it is",
        )

    return router


def asker() -> httpx.AsyncClient:
    """Return what asks the recommender: straight, for the environment's proxy is for the world outside."""
    return httpx.AsyncClient(timeout=TIMEOUT, transport=httpx.AsyncHTTPTransport(), follow_redirects=False)
