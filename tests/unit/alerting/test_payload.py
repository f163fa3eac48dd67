import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from footfall_alerting import event_types
from footfall_alerting.intake import alertmanager
from footfall_alerting.payload import LARGEST_BODY, body_of
from footfall_alerting.policy import Outcome, Result
from footfall_alerting.sources import event_of_alert, event_of_cart
from footfall_alerting.standing.news import events_of
from footfall_alerting.standing.state import Standing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .examples import MOMENT, alert, event, job

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


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_JSON, max_size=40))
def test_every_body_is_small_json(values: list[Any]) -> None:
    body = body_of(event(data={f"field_{number}": value for number, value in enumerate(values)}), PAGE)

    assert len(body.encode()) < LARGEST_BODY
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
    assert datetime.fromisoformat(json.loads(body)["timestamp"]).tzinfo == UTC


def test_what_standing_says_keeps_its_schema() -> None:
    failing = Standing(state="failing", failing_since=1000.0, since=1000.0, told=0, url_hash="x")
    told, disabled = (
        replace(failing, told=50),
        replace(failing, state="disabled", since=9000.0, told=100, reason="HTTP 503"),
    )
    gone = replace(failing, state="disabled", failing_since=0.0, reason="HTTP 410")
    refused, silent = (
        Outcome(Result.FAILED, 503, "HTTP 503", answer="x" * 2048),
        Outcome(Result.FAILED, None, "no answer"),
    )
    long = replace(job(), body='{"text":"' + "ü" * 19_000 + '"}')
    changes = [(failing, told), (told, disabled), (replace(failing, state="ok", failing_since=0.0), gone)]

    found = [
        news
        for before, after in changes
        for outcome in (refused, silent)
        for what in (job(), long, replace(job(), body="no JSON"))
        for news in events_of("shop", before, after, outcome, what, now=9000.0, disable_after=10_000.0)
    ]

    assert {news.type for news in found} == {"endpoint.failing", "endpoint.disabled"}
    for news in found:
        check(news.type, json.loads(body_of(news, PAGE)))


@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_what_alertmanager_says_keeps_its_schema(status: str) -> None:
    told = {
        "status": status,
        "labels": {"alertname": "FootfallJobDown", "severity": "page"}
        | {f"label_{number}": "ü" * 900 for number in range(40)},
        "annotations": {"summary": "It is down."},
        "startsAt": "2026-03-01T12:00:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-03-01T13:00:00+01:00",
        "generatorURL": "http://localhost:9090/graph",
    }

    for news in alertmanager.events_of(alertmanager.Notification.model_validate({"alerts": [told]})):
        body = body_of(news, PAGE)
        check(news.type, json.loads(body))
        assert len(body.encode()) < LARGEST_BODY


@pytest.mark.parametrize(
    "name", ["inventory.low", "inventory.out_of_stock", "inventory.recovered", "inventory.depleting"]
)
def test_what_the_stream_of_alerts_says_keeps_its_schema(name: str) -> None:
    forecast = dict.fromkeys(("stockout_at", "stockout_earliest", "stockout_latest"), MOMENT) | {"sales_per_hour": 4.2}

    news = event_of_alert(alert(alert_type=name, **forecast, traceparent=None))

    check(name, json.loads(body_of(news, PAGE)))


@pytest.mark.parametrize("value", [[], [{"currency": "EUR", "amount": Decimal("89.800000")}]])
def test_what_the_stream_of_carts_says_keeps_its_schema(value: list[Any]) -> None:
    row = {
        "user_id": "u1",
        "session_start": MOMENT,
        "session_end": MOMENT + timedelta(minutes=5),
        "product_ids": [f"P{number}" for number in range(1000)],
        "value": value,
    }

    check("cart.abandoned", json.loads(body_of(event_of_cart(row), PAGE)))
