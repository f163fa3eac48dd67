"""What the API answers, as tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from footfall_alerting.cli.moments import local, near

_COLOURS = {
    "delivered": "green",
    "ok": "green",
    "waiting": "yellow",
    "failing": "yellow",
    "failed": "yellow",
    "dead": "red",
    "disabled": "red",
    "gone": "red",
}
_LONG = {"why", "answer", "last outcome", "event types", "host", "key"}
"""Columns that are folded where there is no room."""
Answer = Mapping[str, Any]


def messages_table(messages: Sequence[Answer]) -> Table:
    """Return webhooks, one a line."""
    table = _table("webhook", "endpoint", "type", "key", "status", "failed", "last outcome", "next attempt", "updated")
    now = datetime.now(UTC)
    for each in messages:
        outcome = ": ".join(filter(None, (each["reason"], each["last_outcome"])))
        table.add_row(
            each["webhook_id"],
            each["endpoint"],
            each["type"],
            Text(each["key"]),
            _coloured(each["status"]),
            str(each["failed_attempts"]),
            Text(outcome),
            near(each["next_attempt"], now),
            near(each["updated"], now),
        )
    return table


def attempts_table(message: Answer) -> Table:
    """Return the attempts of one webhook."""
    table = _table("at", "result", "HTTP", "seconds", "why", "answer")
    for each in message["attempts"]:
        table.add_row(
            local(each["at"]),
            _coloured(each["result"]),
            "" if each["status"] is None else str(each["status"]),
            f"{each['seconds']:.3f}",
            Text(each["detail"]),
            Text(" ".join(each["answer"].split())[:120]),
        )
    return table


def endpoints_table(endpoints: Sequence[Answer]) -> Table:
    """Return endpoints, one a line."""
    table = _table("endpoint", "host", "state", "why", "since", "disabled", "waiting", "event types")
    now = datetime.now(UTC)
    for each in endpoints:
        state = each["state"] if each["enabled"] else "off (settings)"
        table.add_row(
            each["id"],
            Text(each["host"]),
            _coloured(state),
            Text(each["reason"]),
            near(each["failing_since"] or each["since"], now),
            near(each["disabled_at"], now),
            str(each["waiting"]),
            "all" if each["event_types"] is None else ", ".join(each["event_types"]),
        )
    return table


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head not in _LONG)
    return table


def _coloured(word: str) -> Text:
    return Text(word, _COLOURS.get(word, ""))
