"""The login of browsers: whoever writes the token gets a cookie."""

from http import HTTPStatus
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from footfall_dashboard.api.guard import COOKIE, LASTS, Guard

LONGEST = 4096
"""Bytes of a login form."""
FORM = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Footfall: log in</title>
<h1>Footfall</h1>
<form method="post" action="/login">
<p><label for="token">Token of this page (DASHBOARD_TOKEN)</label></p>
<p><input id="token" name="token" type="password" autocomplete="current-password" required autofocus></p>
<p role="alert">{complaint}</p>
<p><button>Log in</button></p>
</form>
</html>
"""

log = structlog.get_logger(__name__)


def login_router(guard: Guard) -> APIRouter:
    """Return the routes of the login."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def form() -> Response:
        """Return the form; where no token is needed, the page."""
        return _form("") if guard.is_needed else RedirectResponse("/", HTTPStatus.SEE_OTHER)

    @router.post("/login")
    async def login(request: Request) -> Response:
        """Take the token and give the cookie."""
        if not guard.is_needed:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a login has at most {LONGEST} bytes")
        token = parse_qs(body.decode(errors="replace")).get("token", [""])[0]
        if not guard.knows(token):
            log.warning("login refused", client=request.client.host if request.client else None)
            return _form("That is not the token.", HTTPStatus.UNAUTHORIZED)
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            COOKIE,
            guard.cookie(),
            max_age=LASTS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    return router


def _form(complaint: str, status: int = HTTPStatus.OK) -> Response:
    return HTMLResponse(FORM.format(complaint=complaint), status, headers={"cache-control": "no-store"})
