"""From what Prometheus' Alertmanager sends (webhook, version 4) to events. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from footfall_alerting.events import Event, Severity
from footfall_alerting.payload import time_text

MOST_ALERTS = 1000
"""Alerts of one request."""
_SEVERITIES: Mapping[str, Severity] = {
    **dict.fromkeys(("critical", "page", "error", "emergency", "alert"), "critical"),
    **dict.fromkeys(("info", "information", "none", "notice", "debug"), "info"),
}
"""What people write into the label `severity`; anything else is a warning."""
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""What Alertmanager writes for a time that there is not."""

Texts = Annotated[dict[str, str], Field(max_length=200), BeforeValidator(lambda given: given or {})]


class Alert(BaseModel):
    """One alert of Alertmanager's."""

    status: Literal["firing", "resolved"]
    labels: Texts = {}
    annotations: Texts = {}
    startsAt: AwareDatetime  # noqa: N815  the names are Alertmanager's
    endsAt: AwareDatetime | None = None  # noqa: N815
    generatorURL: str = ""  # noqa: N815
    fingerprint: str = Field("", max_length=200)


class Notification(BaseModel):
    """One request of Alertmanager's; whatever else it says is not needed."""

    alerts: list[Alert] = Field(max_length=MOST_ALERTS)


def events_of(notification: Notification) -> list[Event]:
    """Return one event for each alert; told again, as Alertmanager does every few hours, it is the same event."""
    return [_event(alert) for alert in notification.alerts]


def _event(alert: Alert) -> Event:
    fingerprint = alert.fingerprint or _hash(json.dumps(alert.labels, sort_keys=True))[:16]
    is_over = alert.status == "resolved"
    ends_at = alert.endsAt if is_over and alert.endsAt and alert.endsAt > _NEVER else None
    return Event(
        id="mon_" + _hash(f"{fingerprint}\n{time_text(alert.startsAt)}\n{alert.status}")[:32],
        type="monitoring.alert",
        time=ends_at or alert.startsAt,
        key=fingerprint,
        data={
            "status": alert.status,
            "name": alert.labels.get("alertname", "unnamed"),
            "labels": alert.labels,
            "annotations": alert.annotations,
            "starts_at": time_text(alert.startsAt),
            "ends_at": time_text(ends_at) if ends_at else None,
            "fingerprint": fingerprint,
            "generator_url": alert.generatorURL,
        },
        severity=_SEVERITIES.get(alert.labels.get("severity", "").lower(), "warning"),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
