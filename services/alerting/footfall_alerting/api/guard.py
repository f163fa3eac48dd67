"""Who may ask, from where, and how much they may send."""

from http import HTTPStatus

from footfall_chassis.bearer import OPEN_TO_ALL, Token
from footfall_chassis.problem import problem
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_REQUEST = 1024 * 1024
"""Bytes of a body."""


class Guarded:
    """ASGI middleware: refuses who shows no token, pages of other sites, and bodies that are too large.

    Args:
        app: What answers everybody else.
        token: What must be shown.
    """

    def __init__(self, app: ASGIApp, token: Token) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if refused := self._refused(request):
            status, detail = refused
            headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
            await problem(request, status, detail, headers)(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            detail = f"send at most {LARGEST_REQUEST:,} bytes"
            await problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)(scope, receive, send)
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def read() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, read, send)

    def _refused(self, request: Request) -> tuple[HTTPStatus, str] | None:
        if request.url.path.startswith(OPEN_TO_ALL):
            return None
        if self._token.is_needed and not self._token.is_shown(request.headers):
            return HTTPStatus.UNAUTHORIZED, "show the token of ALERTING_TOKEN as `Authorization: Bearer`"
        # A browser names the page that asks; nobody's page has any business here, and it may be a stranger's.
        if request.headers.get("origin"):
            return HTTPStatus.FORBIDDEN, "pages in browsers may not ask; use `footfall webhook` or a program"
        return None


async def _body(receive: Receive) -> bytes | None:
    """Return a request's body; None: it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_REQUEST:
            return None
        if not message.get("more_body"):
            return bytes(body)
