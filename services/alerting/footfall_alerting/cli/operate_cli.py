"""Commands that ask the alerting service: what became of webhooks, and what can be done about it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer
from footfall_chassis.one_line import one_line_errors
from rich.console import Console
from rich.table import Table

from footfall_alerting.cli.client import Api, token_here, url_here
from footfall_alerting.cli.moments import local, parse_moment
from footfall_alerting.cli.showing import attempts_table, endpoints_table, messages_table

PIPE = 240
"""Characters of a line where nobody says how many there may be."""

Url = Annotated[
    str, typer.Option(help="Where the alerting service answers; unless told, on this machine, ALERTING_PORT.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the service answers, for programs.")]
Endpoint = Annotated[str | None, typer.Option(help="Id of an endpoint; see `footfall webhook endpoints`.")]
Since = Annotated[str, typer.Option(help="How far back: 2h, 3d, 2026-03-01 or 2026-03-01T18:30.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many.")]


def _webhook_id(text: str) -> str:
    # It becomes part of a path.
    if text and not re.fullmatch(r"msg_[0-9a-f]{32}", text):
        raise typer.BadParameter(
            f"{text!r} is no id of a webhook; `footfall webhook attempts` lists them, such as msg_…"
        )
    return text


class Status(StrEnum):
    """How far a webhook has come."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


def attempts(
    webhook_id: Annotated[
        str, typer.Argument(callback=_webhook_id, help="Id of one webhook, to see each of its attempts.")
    ] = "",
    endpoint: Endpoint = None,
    status: Annotated[Status | None, typer.Option(help="Those in this state only.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Those of this type only.")] = None,
    since: Since = "24h",
    limit: Limit = 50,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show what became of webhooks, newest first; of one, every attempt with its answer."""
    with _asking(url) as api:
        if webhook_id:
            _one(api.get(f"/v1/messages/{webhook_id}"), as_json=as_json)
            return
        _list(api, since, limit, as_json=as_json, endpoint=endpoint, status=status and status.value, type=type_)


def dead_letters(
    endpoint: Endpoint = None,
    since: Since = "7d",
    limit: Limit = 50,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Show webhooks that were given up; `recover` and `resend` send them again."""
    with _asking(url) as api:
        _list(api, since, limit, as_json=as_json, endpoint=endpoint, status=Status.DEAD.value)


def resend(
    webhook_id: Annotated[str, typer.Argument(callback=_webhook_id, help="Id of the webhook.")],
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Send one webhook again, under the same id, with the whole schedule of retries before it."""
    with _asking(url) as api:
        sent = api.post(f"/v1/messages/{webhook_id}/resend")
        _say(
            sent,
            f"{webhook_id} goes to {sent['endpoint']} again; see it: footfall webhook attempts {webhook_id}",
            as_json=as_json,
        )


def recover(
    since: Since,
    until: Annotated[str, typer.Option(help="Leave alone what was given up later than this.")] = "",
    endpoint: Endpoint = None,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Send again what was given up in that time and has not arrived since, to one endpoint or to all that get webhooks."""
    with _asking(url) as api:
        begin, end = _moment(since, "--since"), _moment(until, "--until") if until else None
        known = api.get("/v1/endpoints")["endpoints"]
        chosen = [endpoint] if endpoint else [each["id"] for each in known if each["state"] != "disabled"]
        recovered = {each: _recovered(api, each, begin, end) for each in chosen}
        left_out = [] if endpoint else [each["id"] for each in known if each["state"] == "disabled"]
        if as_json:
            print(json.dumps({"recovered": recovered, "disabled": left_out}))
            return
        for name, number in recovered.items():
            print(f"{name}: {number} {'webhook goes' if number == 1 else 'webhooks go'} out again")
        for name in left_out:
            print(f"{name} is disabled; enable it first: footfall webhook enable {name}")


def trigger(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="Type of event, such as webhook.test or inventory.low.")],
    endpoint: Endpoint = None,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Send the example of a type, signed and retried like every webhook: to one endpoint, or to all that want it."""
    with _asking(url) as api:
        answer = api.post("/v1/trigger", {"type": type_, "endpoint": endpoint})
        lines = [f"{each['webhook_id']} goes to {each['endpoint']}" for each in answer["webhooks"]]
        hint = f"see it: footfall webhook attempts {answer['webhooks'][0]['webhook_id']}"
        _say(answer, "\n".join([*lines, hint]), as_json=as_json)


def endpoints(as_json: AsJson = False, url: Url = "") -> None:
    """Show who gets webhooks, who fails since when, and who is disabled and why."""
    with _asking(url) as api:
        answer = api.get("/v1/endpoints")
        if not answer["endpoints"] and not as_json:
            print("no endpoint is set; set ALERTING_WEBHOOK_URL or ALERTING_ENDPOINTS")
            return
        _show(answer, endpoints_table(answer["endpoints"]), as_json=as_json)


def enable(
    endpoint: Annotated[str, typer.Argument(help="Id of the endpoint.")],
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """Let a disabled endpoint get webhooks again; `recover` brings back what it has missed."""
    with _asking(url) as api:
        shown = api.post(f"/v1/endpoints/{endpoint}/enable")
        hint = f"bring back what it has missed: footfall webhook recover --since 7d --endpoint {endpoint}"
        _say(shown, f"{endpoint} gets webhooks again; {hint}", as_json=as_json)


@contextmanager
def _asking(url: str) -> Iterator[Api]:
    with one_line_errors():
        yield Api(url or url_here(), token_here())


def _list(api: Api, since: str, limit: int, *, as_json: bool, **query: Any) -> None:
    begin = _moment(since, "--since")
    answer = api.get("/v1/messages", since=begin.isoformat(), limit=limit, **query)
    if as_json:
        print(json.dumps(answer))
        return
    if not answer["messages"]:
        print(f"no such webhook since {local(begin.isoformat())}; go further back: --since 7d")
        return
    _show(answer, messages_table(answer["messages"]), as_json=False)
    if datetime.fromisoformat(answer["since"]) > begin + timedelta(seconds=1):
        print(f"there may be more before {local(answer['since'])}: --limit {min(1000, limit * 4)}, or say which ones")


def _one(message: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(message))
        return
    console = _console()
    reason = f" ({message['reason']})" if message["reason"] else ""
    console.print(
        f"{message['webhook_id']}  {message['type']}  to {message['endpoint']}", markup=False, highlight=False
    )
    console.print(f"{message['status']}{reason} since {local(message['updated'])}", markup=False, highlight=False)
    if message["next_attempt"]:
        console.print(f"next attempt {local(message['next_attempt'])}", markup=False, highlight=False)
    console.print(attempts_table(message))
    console.print(message["body"], markup=False, highlight=False, soft_wrap=True)


def _recovered(api: Api, endpoint: str, since: datetime, until: datetime | None) -> int:
    number: int = 0
    begin = since.isoformat()
    while True:
        answer = api.post(
            "/v1/recover",
            {"endpoint": endpoint, "since": begin, "until": until.isoformat() if until else None},
        )
        number += answer["recovered"]
        if answer["go_on_since"] is None or answer["go_on_since"] == begin:
            return number
        begin = answer["go_on_since"]


def _moment(text: str, option: str) -> datetime:
    try:
        return parse_moment(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _say(answer: dict[str, Any], text: str, *, as_json: bool) -> None:
    print(json.dumps(answer) if as_json else text)


def _show(answer: dict[str, Any], table: Table, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer))
        return
    _console().print(table)


def _console() -> Console:
    console = Console()
    # A pipe has no width; whoever reads it wants whole lines.
    return console if console.is_terminal else Console(width=PIPE)
