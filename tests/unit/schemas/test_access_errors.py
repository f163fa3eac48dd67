"""Being refused is said once, with who and what; the registry here is a function that answers."""

import base64

import httpx
import pytest
from confluent_kafka import KafkaError, KafkaException
from footfall_schemas.access_errors import AccessRefusedError, BrokerAwayError, access_error, check_credentials
from footfall_schemas.registry import COMPATIBILITY, TYPES, SchemaRegistry

CLIENT = {"bootstrap.servers": "broker:9092", "sasl.username": "ada", "sasl.password": "hush"}


def registry(status: int, user: str = "ada") -> SchemaRegistry:
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    return SchemaRegistry("https://registry/v7", user=user, password="hush", transport=transport)


@pytest.mark.parametrize(
    ("status", "user", "message"),
    [
        (401, "ada", "at https://registry/v7 refuses user 'ada'; check SCHEMA_REGISTRY_USER"),
        (401, "", "refuses a client without a user; check SCHEMA_REGISTRY_USER"),
        (403, "ada", "does not let user 'ada' do GET /schemas/types"),
    ],
)
def test_a_registry_that_refuses_is_no_registry_that_is_away(status: int, user: str, message: str) -> None:
    with pytest.raises(AccessRefusedError, match=message) as caught:
        registry(status, user).ping()

    assert "hush" not in str(caught.value)


def test_a_rule_that_is_as_it_must_be_is_not_set_again() -> None:
    asked: list[tuple[str, str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path, request.headers["authorization"]))
        return httpx.Response(200, json=["AVRO"] if request.url.path == TYPES else {"level": COMPATIBILITY})

    client = SchemaRegistry("http://registry", user="ada", password="a:b", transport=httpx.MockTransport(answer))
    client.set_compatibility()

    login = "Basic " + base64.b64encode(b"ada:a:b").decode()
    assert asked == [("GET", TYPES, login), ("GET", "/config", login)]


def test_what_kafka_forbids_names_the_user_the_wish_and_the_cure() -> None:
    error = access_error(CLIENT, KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), "read topic clickstream")

    assert isinstance(error, AccessRefusedError)
    assert str(error).startswith(
        "user 'ada' may not read topic clickstream at broker:9092; grant it (docs/security.md)"
    )


@pytest.mark.parametrize("code", [KafkaError._TRANSPORT, KafkaError._TIMED_OUT, KafkaError._ALL_BROKERS_DOWN])
def test_a_broker_that_is_away_is_named_and_may_be_waited_for_as_before(code: int) -> None:
    error = access_error(CLIENT, KafkaError(code, "gone"), "read topic clickstream")

    assert isinstance(error, KafkaException)
    assert str(error).startswith("the broker at broker:9092 does not answer (gone); start it (`make run`), or correct ")
    assert error.args[0].code() == code


def test_what_first_went_wrong_is_told_of_a_broker_that_is_away() -> None:
    with pytest.raises(BrokerAwayError, match=r"^the broker at 127.0.0.1:1 does not answer \(.*Connection refused\)"):
        check_credentials({"bootstrap.servers": "127.0.0.1:1"}, timeout=0.5)


def test_any_other_error_of_kafkas_stays_what_it_is() -> None:
    error = access_error(CLIENT, KafkaError(KafkaError.REQUEST_TIMED_OUT), "read topic clickstream")

    assert isinstance(error, KafkaException)
