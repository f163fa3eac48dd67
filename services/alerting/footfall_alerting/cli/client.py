"""Asks the API of the alerting service, and says in a sentence what is wrong when there is no answer."""

import os
from pathlib import Path
from typing import Any

import httpx
from footfall_chassis.secret_files import SecretFileError
from footfall_schemas.connection import secret_in
from footfall_schemas.errors import TransientError

WITHIN = 180.0
"""Seconds that an answer may take; the service itself says before that why it takes so long."""
CONNECTED_WITHIN = 5.0


class ApiRefusedError(TransientError):
    """The service refuses the request; the message says why, and what to do."""


class ApiAwayError(TransientError):
    """The service does not answer; the message says where, and what to do."""


def url_here() -> str:
    """Return where the alerting service of this machine answers."""
    host = os.environ.get("ALERTING_HOST", "")
    # One that listens on every address is found on this machine's own.
    here = "127.0.0.1" if host in {"", "0.0.0.0", "::", "localhost"} else host
    return f"http://{f'[{here}]' if ':' in here else here}:{os.environ.get('ALERTING_PORT') or 8200}"


def token_here() -> str:
    """Return the token that the environment names.

    Raises:
        SecretFileError: Its file cannot be read.
    """
    if path := os.environ.get("ALERTING_TOKEN_FILE"):
        try:
            return secret_in(Path(path))
        except ValueError as error:
            raise SecretFileError(f"ALERTING_TOKEN_FILE: {error}") from None
    return os.environ.get("ALERTING_TOKEN", "")


class Api:
    """One alerting service; any worker answers for all.

    Args:
        url: Where it answers.
        token: What it wants to be shown; empty: nothing.
        transport: How requests travel; the network unless told.
    """

    def __init__(self, url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self._url,
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(WITHIN, connect=CONNECTED_WITHIN),
            trust_env=False,
            transport=transport,
        )

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Return the answer to a question; parameters that are None are left out.

        Raises:
            ApiAwayError: Nobody answers.
            ApiRefusedError: The service says no.
        """
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a command. It raises what `get` raises."""
        return self._ask("POST", path, json=body)

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, **more)
        except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ApiAwayError(
                f"the alerting service does not answer at {self._url} ({error}); start it (`make run`), "
                "or say where it is: --url, or ALERTING_PORT"
            ) from None
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ApiAwayError(f"what answers at {self._url} is no alerting service of this release; correct --url")
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise ApiRefusedError(
                "the alerting service wants its token: set ALERTING_TOKEN (or ALERTING_TOKEN_FILE) to it"
            )
        if answer.is_error:
            raise ApiRefusedError(str(document.get("detail") or f"HTTP {answer.status_code}"))
        return document
