"""Alerts, endpoints and receivers for the tests beside this file."""

import base64
from datetime import UTC, datetime
from typing import Any

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.events import Event
from footfall_alerting.job import Job, webhook_id_of
from footfall_alerting.payload import body_of
from footfall_alerting.signing import sign

SECRET = "whsec_" + base64.b64encode(b"a" * 32).decode()
MOMENT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def alert(**fields: Any) -> dict[str, Any]:
    return {
        "alert_id": "alert-1",
        "alert_type": "inventory.low",
        "event_time": MOMENT,
        "product_id": "p1",
        "product_name": "Müsli",
        "category_id": "c1",
        "warehouse_id": "w1",
        "quantity": 4,
        "previous_quantity": None,
        "threshold": 5,
        "sequence": 7,
        "update_id": "u1",
    } | fields


def endpoint(host: str = "shop.example", **fields: Any) -> Endpoint:
    return Endpoint.model_validate(
        {"id": host.replace(".", "-"), "url": f"https://{host}/hook", "secret": SECRET} | fields
    )


def event(**fields: Any) -> Event:
    given: dict[str, Any] = {
        "id": "alert-1",
        "type": "inventory.low",
        "time": MOMENT,
        "key": "p1",
        "data": {
            "alert_id": "alert-1",
            "product_id": "p1",
            "product_name": "Müsli",
            "category_id": "c1",
            "warehouse_id": "w1",
            "quantity": 4,
            "previous_quantity": None,
            "threshold": 5,
            "sequence": 7,
            "update_id": "u1",
        },
        "product": "p1",
        "category": "c1",
        "warehouse": "w1",
        "severity": "warning",
        "sequence": 7,
    }
    return Event(**given | fields)


def job(to: Endpoint | None = None, *, id: str = "alert-1", **fields: Any) -> Job:  # noqa: A002  an event's word
    what = event(id=id, **fields)
    name = (to or endpoint()).id
    return Job(
        webhook_id=webhook_id_of(name, what.id),
        endpoint=name,
        event_id=what.id,
        type=what.type,
        key=what.key,
        sequence=what.sequence,
        event_time=what.time.timestamp(),
        body=body_of(what, "http://localhost:8090/"),
        traceparent=what.traceparent,
    )


def headers_of(key: bytes, webhook_id: str, body: bytes, now: float) -> dict[str, str]:
    """Return what a receiver needs of the headers of an attempt made at `now`, epoch seconds."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": sign(key, webhook_id, int(now), body),
    }
