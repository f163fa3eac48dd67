"""GET, and no more: what is asked here takes no large client, whose import alone would take longer than the answers."""

import base64
import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlsplit

from footfall_health.ask.deadline import Deadline, NoAnswerError

OK = 200


class Server:
    """One server that is asked several times over one connection.

    Args:
        url: Its address; paths are added to it.
        deadline: When the last answer must be there.
        login: User and password.
        ca: File of the certificates that its own must be signed by; empty trusts what the system trusts.
    """

    def __init__(self, url: str, deadline: Deadline, *, login: tuple[str, str] | None = None, ca: str = "") -> None:
        parts = urlsplit(url)
        self._path = parts.path.rstrip("/")
        self._deadline = deadline
        self._headers = {"Accept": "application/json"}
        if login:
            word = base64.b64encode(":".join(login).encode()).decode()
            self._headers["Authorization"] = f"Basic {word}"
        host, timeout = parts.hostname or "localhost", deadline.left()
        self._http = (
            HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context(cafile=ca or None))
            if parts.scheme == "https"
            else HTTPConnection(host, parts.port, timeout=timeout)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body.

        Raises:
            NoAnswerError: There was none in time.
        """
        try:
            self._http.timeout = self._deadline.left()
            if self._http.sock is not None:
                self._http.sock.settimeout(self._http.timeout)
            self._http.request("GET", self._path + path, headers=self._headers)
            response = self._http.getresponse()
            return response.status, response.read()
        except TimeoutError:
            raise NoAnswerError(self._deadline.reason) from None
        except (OSError, HTTPException) as error:
            self._http.close()
            raise NoAnswerError(getattr(error, "strerror", None) or str(error) or type(error).__name__) from error

    def document(self, path: str) -> Any:
        """Return the JSON that is answered.

        Raises:
            NoAnswerError: There was none in time, or it was something else.
        """
        status, body = self.get(path)
        if status != OK:
            raise NoAnswerError(f"GET {path}: status {status}")
        try:
            return json.loads(body)
        except ValueError:
            raise NoAnswerError(f"GET {path}: no JSON") from None
