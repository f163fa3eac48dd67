"""Which answers of a registry are waited for, and which make a message unreadable; RegistryTest has the same in Java."""

import json

import httpx
import pytest
from footfall_schemas.codec import PoisonMessageError
from footfall_schemas.registry import REFUSED, RegistryUnavailableError, SchemaRegistry

RECORD = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}
THERE = json.dumps({"schema": json.dumps(RECORD)})


class Registry:
    """A registry that answers as it is told, and counts."""

    def __init__(self, status: int, text: str) -> None:
        self.answer = status, text
        self.asked: list[str] = []
        self.client = SchemaRegistry("http://registry", transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        return httpx.Response(self.answer[0], text=self.answer[1])


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, '{"error_code": 40403}'),
        (400, '{"error_code": 400, "message": "no"}'),
        (410, '{"error_code": 41001, "message": "gone", "detail": "more"}'),
        (422, '{"error_code": 42201, "message": "invalid"}'),
    ],
)
def test_an_error_about_the_schema_is_final(status: int, text: str) -> None:
    with pytest.raises(PoisonMessageError):
        Registry(status, text).client.schema(7)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "<html>no such page</html>"),
        (404, '{"message": "no Route matched with those values"}'),
        (404, ""),
        (400, "<html>bad request</html>"),
        (401, '{"error_code": 40101, "message": "who"}'),
        (403, '{"error_code": 40301, "message": "no"}'),
        (407, '{"error_code": 40701, "message": "proxy"}'),
        (408, '{"error_code": 40801, "message": "slow"}'),
        (429, '{"error_code": 42901, "message": "often"}'),
        (500, '{"error_code": 50001, "message": "oh"}'),
        (503, ""),
        (200, "<html>log in</html>"),
        (200, "{}"),
        (200, "[]"),
        (302, ""),
    ],
)
def test_any_other_answer_is_waited_for(status: int, text: str) -> None:
    with pytest.raises(RegistryUnavailableError, match="schema id 7"):
        Registry(status, text).client.schema(7)


def test_silence_is_waited_for() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    client = SchemaRegistry("http://registry", transport=httpx.MockTransport(fail))

    with pytest.raises(RegistryUnavailableError, match="refused"):
        client.schema(7)


def test_a_schema_that_was_awaited_is_found_when_it_comes() -> None:
    registry = Registry(503, "")
    with pytest.raises(RegistryUnavailableError):
        registry.client.schema(7)
    registry.answer = 200, THERE

    assert registry.client.schema(7)["name"] == "R"
    assert registry.client.schema(7) is registry.client.schema(7)
    assert len(registry.asked) == 2


def test_a_schema_that_is_none_is_asked_for_once() -> None:
    registry = Registry(200, '{"schema": "{}", "schemaType": "JSON"}')

    for _ in range(3):
        with pytest.raises(PoisonMessageError, match="schema id 7 is of type JSON, not AVRO"):
            registry.client.schema(7)
    assert len(registry.asked) == 1


def test_no_more_than_so_many_refusals_are_remembered() -> None:
    registry = Registry(404, '{"error_code": 40403}')

    for schema_id in (*range(REFUSED + 1), 0, REFUSED):
        with pytest.raises(PoisonMessageError):
            registry.client.schema(schema_id)
    assert len(registry.asked) == REFUSED + 2
