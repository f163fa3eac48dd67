"""From an alert to the webhooks that tell of it. Pure."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from footfall_alerting.endpoints import Endpoint
from footfall_alerting.signing import sign
from footfall_alerting.webhook import Webhook

DATA_FIELDS = (
    "alert_id",
    "product_id",
    "product_name",
    "category_id",
    "warehouse_id",
    "quantity",
    "previous_quantity",
    "threshold",
    "update_id",
)
USER_AGENT = "footfall-webhooks/1"


def webhooks_of(alert: dict[str, Any], endpoints: Iterable[Endpoint]) -> list[Webhook]:
    """Return one webhook for each endpoint that wants this alert."""
    body = body_of(alert)
    return [
        Webhook(
            webhook_id=webhook_id(endpoint, alert["alert_id"]),
            endpoint=endpoint.id,
            key=alert["product_id"],
            body=body,
            event_time=alert["event_time"].timestamp(),
        )
        for endpoint in endpoints
        if endpoint.event_types is None or alert["alert_type"] in endpoint.event_types
    ]


def webhook_id(endpoint: Endpoint, alert_id: str) -> str:
    """Return the id a receiver recognises duplicates by: the same for this pair in every process, for ever."""
    # No URL holds a line end, so no other pair of the two is the same text.
    return "msg_" + hashlib.sha256(f"{endpoint.address}\n{alert_id}".encode()).hexdigest()[:32]


def body_of(alert: dict[str, Any]) -> str:
    """Return the minified JSON body; `timestamp` is the event's time."""
    moment: datetime = alert["event_time"]
    document = {
        "type": alert["alert_type"],
        "timestamp": moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {name: alert[name] for name in DATA_FIELDS},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def headers_of(key: bytes, webhook_id: str, body: bytes, now: float) -> dict[str, str]:
    """Return the headers of one attempt made at `now` (epoch seconds)."""
    timestamp = int(now)
    return {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(key, webhook_id, timestamp, body),
    }
