import json
import re
from dataclasses import replace

import pytest
from footfall_alerting.errors import UnreadableWebhookError
from footfall_alerting.old_payload import body_of, webhooks_of
from footfall_alerting.webhook import decode_webhook

from .examples import MOMENT, alert, endpoint, webhook


def test_the_body_is_minified_and_dated_by_the_event() -> None:
    assert body_of(alert()) == (
        '{"type":"inventory.low","timestamp":"2026-03-01T12:00:00.250Z","data":{"alert_id":"alert-1",'
        '"product_id":"p1","product_name":"Müsli","category_id":"c1","warehouse_id":"w1","quantity":4,'
        '"previous_quantity":null,"threshold":5,"update_id":"u1"}}'
    )


def test_the_id_stays_for_one_alert_and_endpoint_and_differs_for_others() -> None:
    ids = [
        webhook(endpoint(), alert_id="alert-1").webhook_id,
        webhook(endpoint(), alert_id="alert-1", quantity=3).webhook_id,
        webhook(endpoint(), alert_id="alert-2").webhook_id,
        webhook(endpoint("other.example"), alert_id="alert-1").webhook_id,
    ]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(re.fullmatch(r"msg_[0-9a-f]{32}", webhook_id) for webhook_id in ids)


@pytest.mark.parametrize("separator", ["\n", "|", "/", ":", "%0A", "\r\n", "\t", " "])
def test_no_two_pairs_of_endpoint_and_alert_share_an_id(separator: str) -> None:
    pairs = [
        (f"https://shop.example/a{separator}b", "c"),
        ("https://shop.example/a", f"b{separator}c"),
        ("https://shop.example/", f"a{separator}b{separator}c"),
    ]

    ids = {webhook(endpoint(url=url), alert_id=alert_id).webhook_id for url, alert_id in pairs}

    assert len(ids) == len(pairs)


def test_the_id_of_today_is_the_id_of_tomorrow() -> None:
    """Receivers remember ids over our releases: changing how they are made repeats every webhook in flight."""
    assert webhook().webhook_id == "msg_ea5f5bb80fe37ad56b31daa4598232fe"


def test_an_endpoint_gets_only_what_it_wants() -> None:
    endpoints = [endpoint("a.example"), endpoint("b.example", event_types=["inventory.recovered"])]

    low, recovered = (webhooks_of(alert(alert_type=f"inventory.{kind}"), endpoints) for kind in ("low", "recovered"))

    assert [found.endpoint for found in low] == [endpoints[0].id]
    assert [found.endpoint for found in recovered] == [each.id for each in endpoints]


def test_a_webhook_survives_its_topic() -> None:
    retried = webhook().failed("HTTP 503", 1.5)

    assert decode_webhook(retried.encode()) == retried
    assert (retried.attempts, retried.error, retried.not_before) == (1, "HTTP 503", 1.5)
    assert retried.event_time == MOMENT.timestamp()


def test_a_webhook_tells_no_secret_and_no_path() -> None:
    text = webhook(endpoint(url="https://ada:hush@shop.example/token-hush")).encode().decode()

    assert "hush" not in text
    assert "whsec" not in text


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x00\x01",
        b"[]",
        b"{}",
        json.dumps({"webhook_id": "x"}).encode(),
        replace(webhook(), body=7).encode(),  # type: ignore[arg-type]
        replace(webhook(), not_before="soon").encode(),  # type: ignore[arg-type]
        webhook().encode()[:-1] + b',"more":1}',
    ],
)
def test_bytes_that_are_no_webhook_are_refused(value: bytes | None) -> None:
    with pytest.raises(UnreadableWebhookError, match="not a webhook"):
        decode_webhook(value)
