"""The schema registry as Footfall uses it: register at start, look writers up by id, cache for ever."""

import json
import threading
from collections import defaultdict

import httpx

from footfall_schemas.codec import PoisonMessageError
from footfall_schemas.topics import Json, Topic

COMPATIBILITY = "BACKWARD_TRANSITIVE"


class RegistryUnavailableError(RuntimeError):
    """The registry did not answer or failed; the same request may succeed later."""


class IncompatibleSchemaError(ValueError):
    """The registry refused a schema that could not read what older versions wrote."""


class SchemaRegistry:
    """Client of a Confluent-compatible registry; safe to share between threads.

    Args:
        url: Base address, such as `http://localhost:8085/apis/ccompat/v7`.
        timeout: Seconds one request may take.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(timeout=timeout, transport=transport)
        self._schemas: dict[int, Json] = {}
        self._locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def set_compatibility(self) -> None:
        """Make BACKWARD_TRANSITIVE the registry's rule and see that it took it.

        Raises:
            RegistryUnavailableError: The registry did not take it.
        """
        # 409: another process is setting it at this moment; what counts is what it is afterwards.
        self._request("PUT", "/config", {"compatibility": COMPATIBILITY}, allow=(409,))
        answer = self._request("GET", "/config").json()
        if COMPATIBILITY not in answer.values():
            raise RegistryUnavailableError(f"{self.url} keeps compatibility {answer}, wanted {COMPATIBILITY}")

    def register(self, topic: Topic) -> int:
        """Register the topic's schema and return its id; the same schema keeps its id.

        Raises:
            IncompatibleSchemaError: An older version could not be read any more.
            RegistryUnavailableError: No answer.
        """
        path = f"/subjects/{topic.subject}/versions"
        response = self._request("POST", path, {"schema": json.dumps(topic.schema)}, allow=(409, 422))
        if response.is_error:
            raise IncompatibleSchemaError(f"{topic.subject}: {response.text}")
        schema_id: int = response.json()["id"]
        return schema_id

    def schema(self, schema_id: int) -> Json:
        """Return the schema with this id.

        Raises:
            PoisonMessageError: There is no such id.
            RegistryUnavailableError: No answer; ask again later.
        """
        with self._locks[schema_id]:
            if schema_id not in self._schemas:
                response = self._request("GET", f"/schemas/ids/{schema_id}", allow=(404,))
                if response.status_code == httpx.codes.NOT_FOUND:
                    raise PoisonMessageError(f"schema id {schema_id} is not in the registry")
                self._schemas[schema_id] = json.loads(response.json()["schema"])
            return self._schemas[schema_id]

    def _request(self, method: str, path: str, body: Json | None = None, allow: tuple[int, ...] = ()) -> httpx.Response:
        try:
            response = self._http.request(method, self.url + path, json=body)
        except httpx.HTTPError as error:
            raise RegistryUnavailableError(f"{method} {self.url}{path}: {error!r}") from error
        if response.is_error and response.status_code not in allow:
            raise RegistryUnavailableError(f"{method} {self.url}{path}: {response.status_code} {response.text[:200]}")
        return response
