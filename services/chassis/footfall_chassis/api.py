"""A web application that describes itself (OpenAPI) and answers every error as a problem (RFC 9457)."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from footfall_chassis.health import Health
from footfall_chassis.problem import handlers, problem

OURSELVES = ("127.0.0.1", "localhost", "[::1]", "::1")
"""Names by which a browser on this machine calls a service: under any other, a page from elsewhere could read along."""


def build(
    title: str,
    description: str,
    version: str,
    *,
    health: Health,
    routers: Iterable[APIRouter],
    responses: Mapping[int | str, Mapping[str, Any]],
) -> FastAPI:
    """Return the application with the routes that every service has.

    Args:
        title: Of the OpenAPI document.
        description: What it is for.
        version: Of the interface.
        health: What `/health/ready` tells.
        routers: Everything else.
        responses: Error answers that every route has, as `described.problems` returns them.
    """
    api = FastAPI(
        title=title,
        description=description,
        version=version,
        docs_url=None,
        redoc_url=None,
        responses={status: dict(answer) for status, answer in responses.items()},
    )
    for error, handler in handlers().items():
        api.add_exception_handler(error, handler)
    api.add_exception_handler(RequestValidationError, _unprocessable)
    api.router.routes.extend(health.routes())
    for router in routers:
        api.include_router(router)
    return api


async def _unprocessable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  Starlette's signature is wider than its promise
    errors = [{"parameter": str(item["loc"][-1]), "detail": item["msg"]} for item in error.errors()]
    detail = "; ".join(f"{item['parameter']}: {item['detail']}" for item in errors)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
