import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from footfall_alerting import event_types
from footfall_alerting.payload import LARGEST_BODY, body_of
from hypothesis import given, settings
from hypothesis import strategies as st

from .examples import event

PAGE = "https://page.example/live"


def closed(name: str) -> dict[str, Any]:
    """Return a type's schema as our own payloads keep it: nothing is sent that it does not name."""
    schema: dict[str, Any] = json.loads(json.dumps(event_types.schemas()[name]))
    schema["additionalProperties"] = schema["properties"]["data"]["additionalProperties"] = False
    return schema


def check(name: str, payload: Any) -> None:
    validator = jsonschema.Draft202012Validator
    validator(closed(name), format_checker=validator.FORMAT_CHECKER).validate(payload)


def test_there_are_these_types() -> None:
    assert list(event_types.schemas()) == [
        "cart.abandoned",
        "endpoint.disabled",
        "endpoint.failing",
        "inventory.depleting",
        "inventory.low",
        "inventory.out_of_stock",
        "inventory.recovered",
        "monitoring.alert",
        "webhook.test",
    ]


@pytest.mark.parametrize("name", event_types.schemas())
def test_every_type_has_a_sound_schema_and_an_example_that_keeps_it(name: str) -> None:
    schema = event_types.schemas()[name]

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:footfall:event-type:{name}:1"
    assert schema["description"]
    assert all("description" in each for each in schema["properties"]["data"]["properties"].values())
    check(name, event_types.example(name))


@pytest.mark.parametrize("name", event_types.schemas())
def test_the_body_of_an_example_is_the_example(name: str) -> None:
    payload = event_types.example(name)
    what = event(
        type=name,
        time=datetime.fromisoformat(payload["timestamp"]),
        data={key: value for key, value in payload["data"].items() if key not in {"severity", "dashboard_url"}},
        severity=payload["data"]["severity"],
        product=payload["data"].get("product_id"),
    )

    body = json.loads(body_of(what, "http://localhost:8090"))

    check(name, body)
    assert body | {"data": body["data"] | {"dashboard_url": ""}} == payload | {
        "data": payload["data"] | {"dashboard_url": ""}
    }


@pytest.mark.parametrize("field", ["sequence", "quantity", "severity", "alert_id"])
def test_a_field_that_is_missing_breaks_the_schema(field: str) -> None:
    payload = event_types.example("inventory.low")
    del payload["data"][field]

    with pytest.raises(jsonschema.ValidationError, match=field):
        check("inventory.low", payload)


def test_the_body_is_minified_and_its_time_is_the_events_in_utc() -> None:
    moment = datetime(2026, 3, 1, 14, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=2)))

    body = body_of(event(time=moment), PAGE)

    assert body.startswith(
        '{"type":"inventory.low","timestamp":"2026-03-01T12:00:00.250Z","data":{"alert_id":"alert-1"'
    )
    assert '"product_name":"Müsli"' in body


def test_the_page_is_linked_where_it_shows_the_product() -> None:
    def link(**fields: Any) -> str:
        return str(json.loads(body_of(event(**fields), PAGE))["data"]["dashboard_url"])

    assert link(product="a/b ü") == "https://page.example/live/#/topics/inventory-alerts?key=a%2Fb%20%C3%BC"
    assert link(product=None) == "https://page.example/live/"


def test_a_long_text_is_shortened_and_that_is_said() -> None:
    data = {**event().data, "product_name": "ü" * 30_000}

    body = body_of(event(data=data), PAGE)

    assert len(body.encode()) < LARGEST_BODY
    payload = json.loads(body)
    check("inventory.low", payload)
    assert payload["data"]["shortened"] is True
    assert payload["data"]["product_name"] == "ü" * 1999 + "…"
    assert payload["data"]["alert_id"] == "alert-1"


def test_a_body_that_fits_says_nothing_of_being_short() -> None:
    assert "shortened" not in body_of(event(data={**event().data, "product_name": "x" * 15_000}), PAGE)


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\ud800": [1e999]}])
def test_what_json_cannot_hold_is_replaced(value: Any) -> None:
    body = body_of(event(data={"odd": value}), PAGE)

    json.loads(body.encode())
    assert "NaN" not in body
    assert "Infinity" not in body


_TEXTS = st.builds(str.__mul__, st.text(st.sampled_from("\x00aü😀\ud800"), max_size=4), st.sampled_from([1, 40, 6000]))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(_TEXTS, inner, max_size=9),
    max_leaves=20,
)


@settings(max_examples=50)
@given(st.lists(_JSON, max_size=40))
def test_every_body_is_small_json(values: list[Any]) -> None:
    body = body_of(event(data={f"field_{number}": value for number, value in enumerate(values)}), PAGE)

    assert len(body.encode()) < LARGEST_BODY
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
    assert datetime.fromisoformat(json.loads(body)["timestamp"]).tzinfo == UTC
