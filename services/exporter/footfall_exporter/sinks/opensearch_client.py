"""Speaks with OpenSearch or Elasticsearch over HTTP; whatever keeps it from taking rows is said with the cure."""

import json
import ssl
from collections.abc import Mapping
from urllib.parse import quote

import httpx
from footfall_schemas.topics import Json

from footfall_exporter.sink import SinkUnavailableError
from footfall_exporter.sinks.opensearch_bulk import TOO_LARGE, reason_of

NOT_FOUND, BUSY = 404, 429
REFUSED = {
    401: "the login is refused: EXPORTER_OPENSEARCH_USER and _PASSWORD, or _API_KEY",
    403: "there is no right to do this: the indices of EXPORTER_OPENSEARCH_PREFIX must be ours to create, manage and write",
}
FROM_THE_SERVER = 500
FIRST_OF_AN_ERROR = 300
"""Characters of an answer that is no JSON."""


class Client:
    """Asks one cluster.

    Args:
        url: Where it is.
        headers: Sent each time; credentials among them.
        timeout: Seconds that an answer may take.
        ca: File of the certificates that its own must be signed by; empty trusts what the system trusts.
        transport: Instead of the network.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout: float,
        ca: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        trusted = ssl.create_default_context(cafile=ca) if ca else True
        self._http = httpx.Client(headers=dict(headers), timeout=timeout, verify=trusted, transport=transport)

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def get(self, *path: str) -> Json | None:
        """Return what is there; None if nothing is."""
        status, answer = self.ask("GET", *path)
        return None if status == NOT_FOUND else _good(status, answer)

    def put(self, *path: str, body: Json, **options: str) -> Json:
        """Make or change something."""
        return _good(*self.ask("PUT", *path, body=body, options=options))

    def post(self, *path: str, body: Json, **options: str) -> Json:
        """Have something done."""
        return _good(*self.ask("POST", *path, body=body, options=options))

    def bulk(self, alias: str, body: bytes, **options: str) -> Json | None:
        """Send many documents; None if they are too many bytes for one request."""
        status, answer = self.ask("POST", alias, "_bulk", content=body, options=options)
        return None if status == TOO_LARGE else _good(status, answer)

    def ask(
        self,
        method: str,
        *path: str,
        body: Json | None = None,
        content: bytes | None = None,
        options: Mapping[str, str] | None = None,
    ) -> tuple[int, Json]:
        """Return the status and the answer.

        Args:
            method: GET, PUT or POST.
            path: Its parts.
            body: A document.
            content: Lines of documents, instead.
            options: In the query.

        Raises:
            SinkUnavailableError: It does not answer, refuses us, or is too busy.
        """
        sent = json.dumps(body).encode() if body is not None else content
        kind = "application/x-ndjson" if body is None else "application/json"
        try:
            answer = self._http.request(
                method,
                "/".join([self.url, *(quote(part, safe="") for part in path)]),
                params=options,
                content=sent,
                headers={"Content-Type": kind} if sent is not None else {},
            )
        except httpx.HTTPError as error:
            raise SinkUnavailableError(
                f"{self.url} does not answer ({type(error).__name__}: {error}); EXPORTER_OPENSEARCH_URL says where it is"
            ) from None
        found = _document(answer)
        if why := REFUSED.get(answer.status_code):
            raise SinkUnavailableError(f"{self.url}: {why}: {_reason(found)}", needs_action=True)
        if answer.status_code == BUSY or answer.status_code >= FROM_THE_SERVER:
            raise SinkUnavailableError(
                f"{self.url} is too busy (HTTP {answer.status_code}): {_reason(found)}",
                retry_after=_seconds(answer.headers.get("Retry-After", "")),
            )
        return answer.status_code, found


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _good(status: int, answer: Json) -> Json:
    if status >= httpx.codes.MULTIPLE_CHOICES:
        raise SinkUnavailableError(f"HTTP {status}: {_reason(answer)}")
    return answer


def _document(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        return {"error": answer.text[:FIRST_OF_AN_ERROR]}
    return found if isinstance(found, dict) else {"error": str(found)[:FIRST_OF_AN_ERROR]}


def _reason(answer: Json) -> str:
    return reason_of(answer.get("error", "no reason given"))
