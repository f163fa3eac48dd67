"""A client of a registry that is a function."""

from collections.abc import Callable

import httpx
from footfall_schemas.registry import TYPES, SchemaRegistry


def registry_that(answers: Callable[[httpx.Request], httpx.Response]) -> SchemaRegistry:
    """Return a client of a registry that says it is one, and answers anything else by the function."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=["AVRO"]) if request.url.path == TYPES else answers(request)

    return SchemaRegistry("http://registry", transport=httpx.MockTransport(answer))
