"""Which answers of a registry are waited for, and which make a message unreadable; RegistryTest has the same in Java."""

import json

import httpx
import pytest
from footfall_schemas.codec import PoisonMessageError
from footfall_schemas.registry import (
    APICURIO,
    REFUSED,
    NotARegistryError,
    RegistryUnavailableError,
    SchemaRegistry,
)

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


def address(answers: dict[str, tuple[int, object]], path: str = "") -> SchemaRegistry:
    """Return the client of a server with these answers by path; any other path has Apicurio's answer to it."""
    none = 404, {"detail": "NotFoundException: RESTEASY003210", "status": 404}

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = answers.get(request.url.path, none)
        if isinstance(body, str):
            return httpx.Response(status, text=body)
        return httpx.Response(status, json=body)

    return SchemaRegistry("http://registry:8085" + path, transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"/schemas/types": (200, ["JSON", "PROTOBUF", "AVRO"]), "/subjects": (200, [])}, ""),
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"]), "/apis/ccompat/v7/subjects": (200, [])}, APICURIO),
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"]), "/apis/ccompat/v7/subjects": (200, [])}, APICURIO + "/"),
    ],
)
def test_a_registry_may_have_a_path_or_none(answers: dict[str, tuple[int, object]], path: str) -> None:
    address(answers, path).ping()


@pytest.mark.parametrize(
    ("found", "path", "answer"),
    [
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"])}, "", 404),
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"])}, "/apis/registry/v3", 404),
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"]), "/schemas/types": (200, "<html>log in</html>")}, "", 200),
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"]), "/schemas/types": (200, {"AVRO": 1})}, "", 200),
        ({"/apis/ccompat/v7/schemas/types": (200, ["AVRO"]), "/schemas/types": (302, "")}, "", 302),
    ],
)
def test_another_server_at_the_address_is_told_at_once_with_the_right_one(
    found: dict[str, tuple[int, object]], path: str, answer: int
) -> None:
    url = f"http://registry:8085{path}"
    wrong = f"no schema registry answers at {url}, but something else (GET /schemas/types: {answer}); "

    for ask in (SchemaRegistry.ping, SchemaRegistry.set_compatibility):
        with pytest.raises(NotARegistryError) as caught:
            ask(address(found, path))
        assert str(caught.value) == f"{wrong}set SCHEMA_REGISTRY_URL=http://registry:8085/apis/ccompat/v7"


def test_a_registry_at_the_root_is_found_from_a_path_that_it_lacks() -> None:
    with pytest.raises(NotARegistryError, match=r"set SCHEMA_REGISTRY_URL=http://registry:8085$"):
        address({"/schemas/types": (200, ["AVRO"])}, APICURIO).ping()


def test_where_there_is_no_registry_at_all_the_variable_is_named() -> None:
    with pytest.raises(
        NotARegistryError, match=r"; set SCHEMA_REGISTRY_URL to the address of its Confluent-compatible"
    ):
        address({}).ping()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_registry_that_does_not_tell_yet_is_waited_for(status: int) -> None:
    with pytest.raises(RegistryUnavailableError, match=f"GET http://registry:8085/schemas/types: {status}"):
        address({"/schemas/types": (status, "<html>no backend</html>")}).ping()


@pytest.mark.parametrize("url", ["registry:8085", "localhost", "http://", "http://registry:port"])
def test_what_is_no_address_is_not_waited_for(url: str) -> None:
    with pytest.raises(NotARegistryError, match=f"^SCHEMA_REGISTRY_URL={url.rstrip('/')}"):
        SchemaRegistry(url).ping()


def test_it_is_asked_once_whether_it_is_a_registry() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=["AVRO"])

    client = SchemaRegistry("http://registry", transport=httpx.MockTransport(answer))
    client.ping()
    client.ping()

    assert asked == ["/schemas/types", "/subjects", "/subjects"]


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
