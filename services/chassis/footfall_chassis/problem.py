"""RFC 9457: errors over HTTP as `application/problem+json`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


def problem(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Answer with one problem; `more` are extension members such as `errors`."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def handlers() -> dict[Any, ExceptionHandler]:
    """Return the exception handlers of a Starlette application that speaks problem+json only."""
    return {HTTPException: _refused, Exception: _failed}


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  Starlette's signature is wider than its promise
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            detail = f"{request.url.path} does not exist"
        case HTTPStatus.METHOD_NOT_ALLOWED:
            detail = f"{request.method} is not allowed here"
        case _:
            detail = str(error.detail)
    return problem(request, error.status_code, detail, error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    log.error("request failed", path=request.url.path, exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal error; the service's log has the details")
