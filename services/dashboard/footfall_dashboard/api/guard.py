"""Who may look, and what a browser may do with what it gets."""

import hashlib
import hmac
import time
from collections.abc import Callable
from http import HTTPStatus

from footfall_chassis.bearer import OPEN_TO_ALL, Token
from footfall_chassis.problem import problem
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
COOKIE = "footfall_dashboard"
LASTS = 7 * 24 * 3600
"""Seconds between two logins."""
LOGIN = "/login"


class Guard:
    """Knows the token.

    Args:
        token: What whoever looks must show; empty: nobody must.
        clock: Epoch seconds.
    """

    def __init__(self, token: str, clock: Callable[[], float] = time.time) -> None:
        self._key = token.encode()
        self._token = Token(token)
        self._clock = clock

    @property
    def is_needed(self) -> bool:
        """Whether a token must be shown."""
        return self._token.is_needed

    def knows(self, token: str) -> bool:
        """Tell whether this is the token."""
        return self._token.knows(token)

    def cookie(self) -> str:
        """Return what a browser shows from now on: it says until when, and does not hold the token."""
        until = int(self._clock()) + LASTS
        return f"{until}.{self._seal(until)}"

    def admits(self, headers: Headers) -> bool:
        """Tell whether a request comes from somebody who has shown the token."""
        if not self.is_needed or self._token.is_shown(headers):
            return True
        return any(self._is_sealed(value) for value in _cookies(headers))

    def _is_sealed(self, value: str) -> bool:
        until, _, seal = value.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) <= len(str(LASTS)) * 2):
            return False
        return hmac.compare_digest(self._seal(int(until)).encode(), seal.encode()) and int(until) > self._clock()

    def _seal(self, until: int) -> str:
        return hmac.new(self._key, f"{COOKIE} {until}".encode(), hashlib.sha256).hexdigest()


class Guarded:
    """ASGI middleware: refuses whom the guard does not admit, and sets the headers of every answer."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if scope["path"].startswith((*OPEN_TO_ALL, LOGIN)) or self._guard.admits(request.headers):
            await self._app(scope, receive, answer)
        elif scope["path"] == "/":
            await RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)(scope, receive, answer)
        else:
            detail = "show the token of DASHBOARD_TOKEN: at /login, or as `Authorization: Bearer`"
            headers = {"www-authenticate": "Bearer"}
            await problem(request, HTTPStatus.UNAUTHORIZED, detail, headers)(scope, receive, answer)


def _cookies(headers: Headers) -> list[str]:
    found = []
    for header in headers.getlist("cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                found.append(value)
    return found
