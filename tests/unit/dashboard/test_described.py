"""What the map and the browser of topics say of themselves: every field described, and answers as described."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from footfall_dashboard.pipeline.routes import pipeline_router
from footfall_dashboard.pipeline.sampler import Pipeline
from footfall_dashboard.topics.browser import Topics
from footfall_dashboard.topics.document import Messages, TopicDetail, TopicList
from footfall_dashboard.topics.listing import detail_of, list_of
from footfall_dashboard.topics.routes import topics_router
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from support.pipeline import Looks, drawn, shop, with_services
from support.topics import FOUND, NOON, TOPICS, known, raw, shower


@pytest.fixture
def document() -> dict[str, Any]:
    api = FastAPI()
    api.include_router(pipeline_router(Pipeline(shop(), ask=Looks(with_services()))))
    api.include_router(topics_router(Topics({}, shower().schema)))
    return api.openapi()


def fields(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every field of every schema of ours, as `schema.field`."""
    return {
        f"{name}.{field}": described
        for name, schema in document["components"]["schemas"].items()
        if name not in {"HTTPValidationError", "ValidationError"}
        for field, described in schema["properties"].items()
    }


def test_every_field_says_what_it_is(document: dict[str, Any]) -> None:
    described = fields(document)

    assert {"Numbers.watermark", "MessageShown.reason", "Problem.detail", "GroupLag.lag"} <= described.keys()
    assert [name for name, field in described.items() if not field.get("description")] == []
    assert [name for name, field in described.items() if not field.keys() & {"type", "anyOf", "$ref", "allOf"}] == []


def test_every_field_has_an_example_but_those_whose_parts_have_them(document: dict[str, Any]) -> None:
    plain = {name: each for name, each in fields(document).items() if "$ref" not in {**each.get("items", {}), **each}}

    assert [name for name, field in plain.items() if not field.get("examples")] == []


def test_every_parameter_and_every_answer_says_what_it_is(document: dict[str, Any]) -> None:
    operations = [each for path in document["paths"].values() for each in path.values()]

    assert len(operations) == 4
    for operation in operations:
        assert [each["name"] for each in operation.get("parameters", []) if not each.get("description")] == []
        assert [status for status, each in operation["responses"].items() if not each["description"].strip(".")] == []


def errors(document: dict[str, Any], schema: str, answer: Any) -> list[str]:
    closed = {"$ref": f"#/components/schemas/{schema}", "unevaluatedProperties": False}
    validator = Draft202012Validator(closed | {"components": document["components"]}, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(answer)]


async def test_the_map_is_as_described(document: dict[str, Any]) -> None:
    pipeline = Pipeline(shop(), ask=Looks(with_services()), every=30)
    api = FastAPI()
    api.include_router(pipeline_router(pipeline))
    running = asyncio.create_task(pipeline.run())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://page") as http:
        answer = (await http.get("/v1/pipeline")).json()
    running.cancel()

    assert {part["id"] for part in answer["parts"]} == {part.id for part in drawn(with_services()).parts}
    assert errors(document, "PipelineMap", answer) == []


@pytest.mark.parametrize(
    "answer",
    [
        list_of(TOPICS, FOUND, NOON),
        detail_of(TOPICS["checkouts"], FOUND, NOON),
        Messages(
            topic="users",
            messages=[
                shower().show(known(name), raw(value)) for name in ("users", "checkouts") for value in (None, b"\xff{")
            ],
            older="0:1",
            looked_at=4,
        ),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_topics_are_as_described(document: dict[str, Any], answer: TopicList | TopicDetail | Messages) -> None:
    assert errors(document, type(answer).__name__, answer.model_dump(mode="json")) == []
