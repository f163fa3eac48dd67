"""The HTTP interface: related products of one product."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from footfall_chassis.health import Health
from footfall_chassis.problem import handlers, problem
from pydantic import AwareDatetime, BaseModel, ConfigDict

from footfall_recommender.metrics import ANSWER_SECONDS, ANSWERS, Answer
from footfall_recommender.ranking import Ranking

MAX_LIMIT = 100
CACHING = "public, max-age=5, stale-while-revalidate=30"
"""A ranking changes every few seconds at most."""


class Rankings(Protocol):
    """Whatever knows a product's ranking."""

    def find(self, product_id: str) -> Ranking | None:
        """Return a product's ranking, None when nothing is known about it."""


class RelatedProduct(BaseModel):
    """One related product."""

    product_id: str
    score: float
    """Co-views, older ones weighing less."""
    support: int
    """Co-views."""
    rank: int
    """1 is the most related."""


class RelatedProducts(BaseModel):
    """What is viewed together with a product, best first."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    product_id: str
    model: Literal["co_view"]
    as_of: AwareDatetime | None
    """Event time the answer speaks of; null when nothing is known about the product."""
    items: list[RelatedProduct]


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


def build_api(rankings: Rankings, health: Health) -> FastAPI:
    """Return the web application."""
    wrong = {"model": Problem, "content": {"application/problem+json": {}}}
    api = FastAPI(
        title="Footfall recommender",
        description="What is viewed together. /docs loads its looks from a CDN; /openapi.json needs no network.",
        version="1",
        redoc_url=None,
        responses={422: wrong, 500: wrong},
    )
    for error, handler in handlers().items():
        api.add_exception_handler(error, handler)
    api.add_exception_handler(RequestValidationError, _unprocessable)
    api.router.routes.extend(health.routes())

    @api.get("/v1/products/{product_id}/related", response_model=RelatedProducts, responses={304: {}})
    async def related(
        product_id: Annotated[str, Path(min_length=1, max_length=256)],
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 10,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Return the products most often viewed in the same visit.

        A product nobody has viewed together with another is no error: its list is empty and `as_of` is null.
        """
        with ANSWER_SECONDS.time():
            return _answer(product_id, rankings.find(product_id), limit, if_none_match)

    return api


def _answer(product_id: str, ranking: Ranking | None, limit: int, if_none_match: str | None) -> Response:
    body: dict[str, Any] = {"product_id": product_id, "model": "co_view", "as_of": None, "items": []}
    headers = {"cache-control": CACHING}
    if ranking is None:
        ANSWERS.add(Answer.UNKNOWN)
        return JSONResponse(body, headers=headers)
    headers["etag"] = etag = f'"{ranking.version}-{limit}"'
    if if_none_match is not None and etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        ANSWERS.add(Answer.UNCHANGED)
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    ANSWERS.add(Answer.RELATED)
    body["as_of"] = ranking.as_of.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body["items"] = [
        {"product_id": item.product_id, "score": item.score, "support": item.support, "rank": item.rank}
        for item in ranking.items[:limit]
    ]
    return JSONResponse(body, headers=headers)


async def _unprocessable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  Starlette's signature is wider than its promise
    errors = [{"parameter": str(item["loc"][-1]), "detail": item["msg"]} for item in error.errors()]
    detail = "; ".join(f"{item['parameter']}: {item['detail']}" for item in errors)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
