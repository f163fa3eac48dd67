"""The HTTP interface: related products of one product."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, Header, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from footfall_chassis.health import Health
from footfall_chassis.problem import handlers, problem
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from footfall_recommender.metrics import ANSWER_SECONDS, ANSWERS, Answer
from footfall_recommender.ranking import Ranking

MAX_LIMIT = 100
CACHING = "public, max-age=5, stale-while-revalidate=30"
"""A ranking changes every few seconds at most."""


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(_iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A time with milliseconds always: pydantic's own text leaves out those that are 0."""


class Rankings(Protocol):
    """Whatever knows a product's ranking."""

    def find(self, product_id: str) -> Ranking | None:
        """Return a product's ranking, None when nothing is known about it."""


class Described(BaseModel):
    """A part of the OpenAPI document: what stands below a field is its description."""

    model_config = ConfigDict(use_attribute_docstrings=True, from_attributes=True)


class RelatedProduct(Described):
    """One related product."""

    product_id: str = Field(examples=["product-000042"])
    """Id of the related product."""
    score: float = Field(examples=[12.75])
    """How much it is related, in co-views (both products viewed by one user within half an hour). A co-view of the week of
    `as_of` counts 1, and half as much for every week before it; weeks begin on Monday, UTC."""
    support: int = Field(ge=0, examples=[17])
    """Number of co-views, old ones counting as much as new ones."""
    rank: int = Field(ge=1, examples=[1])
    """Place in the list: 1 is the most related."""


class RelatedProducts(Described):
    """What is viewed together with a product, best first."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    product_id: str = Field(examples=["product-000007"])
    """Id of the product asked about."""
    model: Literal["co_view"] = Field("co_view", examples=["co_view"])
    """How the list was made: `co_view` ranks products by how often one user viewed both within half an hour."""
    as_of: Moment | None = Field(None, examples=["2026-03-01T12:00:05.000Z"])
    """Event time the answer speaks of, in UTC with milliseconds; null when nothing is known about the product."""
    items: list[RelatedProduct] = []
    """The related products by rank, at most `limit` of them; empty when nothing is known about the product."""


class WrongParameter(Described):
    """A parameter that cannot be taken as it is."""

    parameter: str = Field(examples=["limit"])
    """Name of the parameter."""
    detail: str = Field(examples=["Input should be less than or equal to 100"])
    """What is wrong with its value."""


class Problem(Described):
    """An error (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    """URI of the kind of problem; `about:blank` says no more than `status` does."""
    title: str = Field(examples=["Unprocessable Content"])
    """What the HTTP status means."""
    status: int = Field(examples=[422])
    """HTTP status of the answer."""
    detail: str = Field(examples=["limit: Input should be less than or equal to 100"])
    """What is wrong with this request."""
    instance: str = Field(examples=["/v1/products/product-000007/related"])
    """Path of the request."""
    errors: list[WrongParameter] = []
    """The parameters that are wrong; with status 422 only."""


def build_api(rankings: Rankings, health: Health) -> FastAPI:
    """Return the web application."""
    api = FastAPI(
        title="Footfall recommender",
        description="What is viewed together. /docs loads its looks from a CDN; /openapi.json needs no network.",
        version="1",
        redoc_url=None,
        responses={422: _problem("A parameter is wrong."), 500: _problem("Our fault.")},
    )
    for error, handler in handlers().items():
        api.add_exception_handler(error, handler)
    api.add_exception_handler(RequestValidationError, _unprocessable)
    api.router.routes.extend(health.routes())

    @api.get(
        "/v1/products/{product_id}/related",
        response_model=RelatedProducts,
        response_description="The related products; an unknown product has an empty list.",
        responses={304: {"description": "The list is the one of the `ETag` that was sent as `If-None-Match`."}},
    )
    async def related(
        product_id: Annotated[
            str, Path(min_length=1, max_length=256, description="Id of the product.", examples=["product-000007"])
        ],
        limit: Annotated[
            int, Query(ge=1, le=MAX_LIMIT, description="Return at most this many products.", examples=[10])
        ] = 10,
        if_none_match: Annotated[
            str | None,
            Header(description="`ETag` of an earlier answer: 304 if it is still true.", examples=['"0-7-10"']),
        ] = None,
    ) -> Response:
        """Return the products most often viewed in the same session.

        A product nobody has viewed together with another is no error: its list is empty and `as_of` is null.
        """
        with ANSWER_SECONDS.time():
            return _answer(product_id, rankings.find(product_id), limit, if_none_match)

    return api


def _problem(description: str) -> dict[str, Any]:
    return {"model": Problem, "description": description, "content": {"application/problem+json": {}}}


def _answer(product_id: str, ranking: Ranking | None, limit: int, if_none_match: str | None) -> Response:
    headers = {"cache-control": CACHING}
    if ranking is None:
        ANSWERS.add(Answer.UNKNOWN)
        return _json(RelatedProducts(product_id=product_id), headers)
    headers["etag"] = etag = f'"{ranking.version}-{limit}"'
    if if_none_match is not None and etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        ANSWERS.add(Answer.UNCHANGED)
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    ANSWERS.add(Answer.RELATED)
    answer = {"product_id": product_id, "as_of": ranking.as_of, "items": ranking.items[:limit]}
    return _json(RelatedProducts.model_validate(answer), headers)


def _json(body: RelatedProducts, headers: dict[str, str]) -> Response:
    return Response(body.model_dump_json(), headers=headers, media_type="application/json")


async def _unprocessable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  Starlette's signature is wider than its promise
    errors = [{"parameter": str(item["loc"][-1]), "detail": item["msg"]} for item in error.errors()]
    detail = "; ".join(f"{item['parameter']}: {item['detail']}" for item in errors)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
