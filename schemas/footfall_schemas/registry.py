"""The schema registry as Footfall uses it: register at start, look writers up by id, cache for ever."""

import json
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx

from footfall_schemas.access_errors import AccessRefusedError
from footfall_schemas.answers import NoAnswerError, avro_of, is_registry, registered
from footfall_schemas.avro_types import REFERENCES
from footfall_schemas.codec import PoisonMessageError
from footfall_schemas.direct import direct_transport
from footfall_schemas.errors import PermanentError, TransientError
from footfall_schemas.topics import Json, Topic

COMPATIBILITY = "BACKWARD_TRANSITIVE"
TYPES = "/schemas/types"
"""What every registry answers alike: its kinds of schemas."""
APICURIO = "/apis/ccompat/v7"
"""Where the API is of the registry that Footfall brings."""
REFUSED = 1000
"""Ids without a usable schema that are remembered."""
REFUSED_FOR = 60.0
"""Seconds."""
LOCKS = 16
"""So that a burst of one id asks once; ids that share a lock wait for each other."""


class RegistryUnavailableError(TransientError):
    """The registry did not answer or failed; the same request may succeed later.

    Args:
        message: What happened.
        status: HTTP status of its answer; None when there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NotARegistryError(AccessRefusedError):
    """Something else answers at the registry's address; the message names it and, if one is near, the right one."""


class IncompatibleSchemaError(PermanentError, ValueError):
    """The registry refused a schema that could not read what older versions wrote."""


class SchemaRegistry:
    """Client of a Confluent-compatible registry; safe to share between threads.

    Args:
        url: Base address, such as `http://localhost:8085/apis/ccompat/v7`.
        user: Whom to log in as; empty sends no credentials.
        password: The user's.
        ca: File of the certificates the registry's must be signed by; empty trusts what the system trusts.
        timeout: Seconds one request may take.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = "",
        password: str = "",
        ca: str = "",
        timeout: float = 10.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._user = user
        self._http = httpx.Client(
            timeout=timeout,
            transport=transport or direct_transport(ca if url.startswith("https:") else ""),
            auth=(user, password) if user else None,
        )
        self._is_registry = False
        self._schemas: dict[int, Json] = {}
        self._refused: dict[int, tuple[str, float]] = {}
        self._locks = [threading.Lock() for _ in range(LOCKS)]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ping(self) -> None:
        """Ask for nothing in particular.

        Raises:
            AccessRefusedError: The user may not.
            NotARegistryError: Something else answers.
            RegistryUnavailableError: No answer.
        """
        self._request("GET", "/subjects")

    def set_compatibility(self) -> None:
        """Make BACKWARD_TRANSITIVE the registry's rule and see that it took it.

        Only a registry that has another rule is told: few users may.

        Raises:
            AccessRefusedError: The user may not.
            RegistryUnavailableError: The registry did not take it.
        """
        if COMPATIBILITY in self._request("GET", "/config").json().values():
            return
        # 409: another process is setting it at this moment; what counts is what it is afterwards.
        self._request("PUT", "/config", {"compatibility": COMPATIBILITY}, allow=(409,))
        answer = self._request("GET", "/config").json()
        if COMPATIBILITY not in answer.values():
            raise RegistryUnavailableError(f"{self.url} keeps compatibility {answer}, wanted {COMPATIBILITY}")

    def register(self, topic: Topic) -> int:
        """Register the topic's schema and return its id; the same schema keeps its id.

        Raises:
            AccessRefusedError: The user may not.
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
        """Return the schema with this id, and in it what it refers to.

        Raises:
            PoisonMessageError: There is no such schema, or it is none of Avro's; asking again does not help.
            RegistryUnavailableError: No answer; ask again later.
        """
        known = self._schemas.get(schema_id)
        if known is None:
            with self._locks[schema_id % len(self._locks)]:
                known = self._schemas.get(schema_id) or self._look_up(schema_id)
        return known

    def _look_up(self, schema_id: int) -> Json:
        reason, until = self._refused.get(schema_id, ("", 0.0))
        if time.monotonic() < until:
            raise PoisonMessageError(reason)
        try:
            schema = self._self_contained(schema_id)
        except PoisonMessageError as error:
            # Asked again after a while: garbage with one id must not cost a request each, and a schema may yet come.
            self._refused[schema_id] = str(error), time.monotonic() + REFUSED_FOR
            while len(self._refused) > REFUSED:
                self._refused.pop(next(iter(self._refused)), None)
            raise
        self._schemas[schema_id] = schema
        return schema

    def _self_contained(self, schema_id: int) -> Json:
        what = f"schema id {schema_id}"
        if schema_id >> 31:
            raise PoisonMessageError(f"{what} is not in the registry")
        answer = self._ask(f"/schemas/ids/{schema_id}", what)
        references = self._references(answer, set())
        schema = avro_of(what, answer)
        if not isinstance(schema, dict):
            raise PoisonMessageError(
                f"its schema is of type {'union' if isinstance(schema, list) else schema}, not record"
            )
        return schema | {REFERENCES: references}

    def _references(self, answer: Json, seen: set[tuple[str, str]]) -> list[Any]:
        """Return the schemas that a schema refers to, each after those that it refers to itself."""
        found = []
        for reference in answer.get("references") or []:
            try:
                subject, version = str(reference["subject"]), str(reference["version"])
            except (KeyError, TypeError):
                raise PoisonMessageError(f"a schema refers to {reference!r}, which is no schema") from None
            if (subject, version) not in seen:
                seen.add((subject, version))
                what = f"referenced schema {subject} version {version}"
                referenced = self._ask(f"/subjects/{quote(subject, safe='')}/versions/{quote(version, safe='')}", what)
                found += [*self._references(referenced, seen), avro_of(what, referenced)]
        return found

    def _ask(self, path: str, what: str) -> Json:
        try:
            response = self._send("GET", path)
            self._see_that_it_serves_us(response, f"GET {path}")
            return registered(what, response.status_code, response.content)
        except (AccessRefusedError, NoAnswerError) as error:
            # Wrong credentials are not the message's fault: it can be read when they are right.
            raise RegistryUnavailableError(f"{what}: {self.url}: {error}") from error

    def _require_registry(self) -> None:
        """See once that the address is a registry's: another server's answers look as if it were worth waiting.

        What is decided is what answers there, not what the address looks like: some registries have a path in it, some none.
        """
        if self._is_registry:
            return
        response = self._send("GET", TYPES)
        self._see_that_it_serves_us(response, f"GET {TYPES}")
        try:
            self._is_registry = is_registry(response.status_code, response.content)
        except NoAnswerError as error:
            raise RegistryUnavailableError(f"GET {self.url}{TYPES}: {error}", response.status_code) from error
        if not self._is_registry:
            raise NotARegistryError(
                f"no schema registry answers at {self.url}, but something else (GET {TYPES}: {response.status_code}); "
                f"{self._right_address()}"
            )

    def _right_address(self) -> str:
        root = str(httpx.URL(self.url).copy_with(path="/", query=None)).rstrip("/")
        for url in dict.fromkeys((self.url + APICURIO, root + APICURIO, root)):
            with suppress(httpx.HTTPError, NoAnswerError):
                response = self._http.get(url + TYPES)
                if is_registry(response.status_code, response.content):
                    return f"set SCHEMA_REGISTRY_URL={url}"
        return "set SCHEMA_REGISTRY_URL to the address of its Confluent-compatible API"

    def _request(self, method: str, path: str, body: Json | None = None, allow: tuple[int, ...] = ()) -> httpx.Response:
        self._require_registry()
        response = self._send(method, path, body)
        self._see_that_it_serves_us(response, method + " " + path)
        if response.is_error and response.status_code not in allow:
            raise RegistryUnavailableError(
                f"{method} {self.url}{path}: {response.status_code} {response.text[:200]}", response.status_code
            )
        return response

    def _send(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        try:
            return self._http.request(method, self.url + path, json=body)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise NotARegistryError(f"SCHEMA_REGISTRY_URL={self.url} is not a URL: {error}") from error
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise AccessRefusedError(
                    f"the certificate of {self.url} is not trusted: {error}; check SCHEMA_REGISTRY_CA_LOCATION"
                ) from error
            raise RegistryUnavailableError(f"{method} {self.url}{path}: {error!r}") from error

    def _see_that_it_serves_us(self, response: httpx.Response, request: str) -> None:
        whom = f"user {self._user!r}" if self._user else "a client without a user"
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise AccessRefusedError(
                f"the schema registry at {self.url} refuses {whom}; check SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD"
            )
        if response.status_code == httpx.codes.FORBIDDEN:
            raise AccessRefusedError(
                f"the schema registry at {self.url} does not let {whom} do {request}; use a user that may"
            )
