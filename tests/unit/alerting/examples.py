"""Alerts, endpoints and receivers for the tests beside this file."""

import base64
from datetime import UTC, datetime
from typing import Any

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.payload import webhooks_of
from footfall_alerting.webhook import Webhook

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
        "update_id": "u1",
    } | fields


def endpoint(host: str = "shop.example", **fields: Any) -> Endpoint:
    return Endpoint.model_validate({"url": f"https://{host}/hook", "secret": SECRET} | fields)


def webhook(to: Endpoint | None = None, **fields: Any) -> Webhook:
    return webhooks_of(alert(**fields), [to or endpoint()])[0]
