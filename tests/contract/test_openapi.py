"""What the recommender says of itself: every field described, and its answers as described."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from footfall_chassis.health import Health
from footfall_recommender.api import build_api
from footfall_recommender.ranking import Catalog, Place
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

RANKING = {
    "product_id": "p1",
    "as_of": datetime(2026, 3, 1, 12, tzinfo=UTC),
    "related": [{"product_id": "p2", "score": 2.5, "support": 3, "rank": 1}],
}


@pytest.fixture
def api() -> FastAPI:
    catalog = Catalog()
    catalog.put(RANKING, Place(0, 7))
    return build_api(catalog, Health("footfall-recommender"))


def fields(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every field of every schema, as `schema.field`."""
    return {
        f"{name}.{field}": described
        for name, schema in document["components"]["schemas"].items()
        for field, described in schema["properties"].items()
    }


def test_every_field_says_what_it_is(api: FastAPI) -> None:
    described = fields(api.openapi())

    assert {"RelatedProducts.as_of", "RelatedProduct.score", "Problem.detail"} <= described.keys()
    assert [name for name, field in described.items() if not field.get("description")] == []
    assert [name for name, field in described.items() if not field.keys() & {"type", "anyOf"}] == []


def test_every_field_has_an_example_but_lists_whose_items_have_them(api: FastAPI) -> None:
    plain = {name: field for name, field in fields(api.openapi()).items() if "$ref" not in field.get("items", {})}

    assert [name for name, field in plain.items() if not field.get("examples")] == []


def test_every_parameter_and_every_answer_says_what_it_is(api: FastAPI) -> None:
    (operation,) = [each for path in api.openapi()["paths"].values() for each in path.values()]

    assert [each["name"] for each in operation["parameters"] if not each.get("description")] == []
    assert [status for status, each in operation["responses"].items() if not each["description"].strip(".")] == []


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/v1/products/p1/related", "RelatedProducts"),
        ("/v1/products/unknown/related", "RelatedProducts"),
        ("/v1/products/p1/related?limit=0", "Problem"),
        ("/v1/nothing", "Problem"),
    ],
)
async def test_what_is_answered_is_what_is_described_and_nothing_else(api: FastAPI, path: str, schema: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://shop") as http:
        document, answer = (await http.get("/openapi.json")).json(), (await http.get(path)).json()
    closed = {"$ref": f"#/components/schemas/{schema}", "unevaluatedProperties": False}
    validator = Draft202012Validator(closed | {"components": document["components"]}, format_checker=FormatChecker())

    assert [error.message for error in validator.iter_errors(answer)] == []
