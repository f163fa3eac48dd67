"""A map of the pipeline and its topics as the live page may get them, made up: one service broken, one message unreadable."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from footfall_dashboard.live.panel import plain

TOPICS = (
    ("clickstream", "input", "One user action.", 4, 1),
    ("checkouts", "input", "One product line of one payment attempt.", 4),
    ("revenue_per_minute", "output", "Revenue of one minute by currency.", 1),
    ("dead-letters", "output", "A message that could not be read: its bytes, where it lay, and why.", 1),
    ("alerting-retry-1m", "service", "", 2),
)


def pipeline(now: datetime) -> dict[str, Any]:
    """Return a map of the pipeline with one topic that waits and one service that is broken."""
    inputs = ("clickstream", "checkouts", "refunds", "inventory-updates", "products", "users", "categories")
    outputs = (
        "revenue_per_minute",
        "event_counts",
        "top_products",
        "inventory-alerts",
        "related-products",
        "late-events",
        "dead-letters",
    )
    broken = {
        "severity": "error",
        "text": "alerting: the receiver of webhooks answers 503",
        "cure": "see docs/operations.md#dead-letters",
        "since": plain(now - timedelta(minutes=4)),
    }
    parts = [
        _part("generator", "producer", {"rate": 812.4}),
        *(
            _part(name, "topic", {"rate": 400.0 / 3**place, "messages": 120000 // (place + 1), "late": 3 * (not place)})
            for place, name in enumerate(inputs)
        ),
        _part(
            "footfall",
            "job",
            {"watermark_behind_s": 6.2, "checkpoint_age_s": 0.8, "restarts": 0, "tasks": 98, "tasks_running": 98},
            link="http://localhost:8081/#/job/running/9f1c/overview",
        ),
        *(
            _part(name, "topic", {"rate": 3.2 / (place + 1), "messages": 4000 // (place + 1)})
            for place, name in enumerate(outputs)
        ),
        _part("alerting", "service", {"dead": 2, "retries": 7}, state="error", facts=[broken]),
        _part("recommender", "service", {"messages": 4012}),
        _part("dashboard", "service", {"messages": 9150}),
    ]
    edges = [
        *({"from": "producer:generator", "to": f"topic:{name}", "rate": 100.0, "lag": None} for name in inputs),
        *(
            {"from": f"topic:{name}", "to": "job:footfall", "rate": 99.5, "lag": 1200 if name == "checkouts" else 0}
            for name in inputs
        ),
        *({"from": "job:footfall", "to": f"topic:{name}", "rate": 3.0, "lag": None} for name in outputs),
        {"from": "topic:inventory-alerts", "to": "service:alerting", "rate": 0.1, "lag": 0},
        {"from": "topic:related-products", "to": "service:recommender", "rate": 2.0, "lag": 0},
        *({"from": f"topic:{name}", "to": "service:dashboard", "rate": 2.0, "lag": 0} for name in outputs[:3]),
    ]
    line = "not ready: alerting does not deliver"
    return {"as_of": plain(now), "state": "error", "line": line, "parts": parts, "edges": edges}


def topics(now: datetime) -> dict[str, Any]:
    """Return the list of topics."""
    return {"as_of": plain(now), "topics": [_topic(*topic) for topic in TOPICS]}


def topic(name: str, now: datetime) -> dict[str, Any] | None:
    """Return one topic, None when there is none of that name."""
    found = next((_topic(*topic) for topic in TOPICS if topic[0] == name), None)
    if found is None:
        return None
    places = [
        {
            "partition": number,
            "begin": 0,
            "end": 30000 + number,
            "last_stable": 30000,
            "groups": [{"group": "footfall-shop_events", "committed": 29990, "lag": 10 + number}],
        }
        for number in range(found["partitions"])
    ]
    fields = [
        {"name": "user_id", "type": "string", "doc": "Who did it.", "is_key": True, "is_personal": False},
        {"name": "name", "type": "string", "doc": "The user's name.", "is_key": False, "is_personal": True},
    ]
    return {**found, "as_of": plain(now), "places": places, "fields": fields}


def messages(name: str, now: datetime) -> dict[str, Any]:
    """Return a topic's newest messages: three that can be decoded, and one that cannot."""
    good = [
        _message(
            number,
            now,
            key=f"user-{number:06}",
            value={"user_id": f"user-{number:06}", "action": "product_view", "name": "***"},
            masked=["name"],
            schema_id=7,
        )
        for number in range(3)
    ]
    raw = {"size": 4, "hex": "deadbeef", "base64": "3q2+7w==", "is_cut": False}
    bad = _message(3, now, key="user-000009", bytes=raw, reason="magic byte is 222, not 0")
    return {"topic": name, "messages": [*good, bad], "older": "0:29980", "looked_at": 80, "look_limit": 20000}


def _topic(name: str, kind: str, doc: str, partitions: int, held_back: int = 0) -> dict[str, Any]:
    lags = [{"group": "footfall-shop_events", "lag": 40}] if kind == "input" else []
    facts = {
        "name": name,
        "kind": kind,
        "doc": doc,
        "partitions": partitions,
        "offsets": 30000 * partitions,
        "held_back": held_back,
    }
    return {**facts, "lags": lags, "cleanup": "delete", "retention_hours": 168}


def _message(number: int, now: datetime, **facts: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "key": None,
        "key_bytes": None,
        "headers": [],
        "is_tombstone": False,
        "schema_id": None,
        "value": None,
        "masked": [],
        "bytes": None,
        "reason": None,
    }
    where = {"partition": number % 4, "offset": 29999 - number, "time": plain(now - timedelta(seconds=number))}
    return {**where, **nothing, **facts}


def _part(
    title: str,
    kind: str,
    numbers: dict[str, Any],
    *,
    state: str = "ok",
    facts: Sequence[Any] = (),
    link: str | None = None,
) -> dict[str, Any]:
    return {
        "id": f"{kind}:{title}",
        "title": title,
        "kind": kind,
        "state": state,
        "facts": list(facts),
        "numbers": numbers,
        "link": link,
    }
