"""`footfall webhook` against the API: what people read, and the cure when something is wrong."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from footfall_alerting.cli import webhook as commands
from footfall_alerting.cli.client import Api, token_here, url_here
from footfall_alerting.cli.moments import near, parse_moment
from footfall_alerting.history.history import Recovered
from footfall_alerting.job import webhook_id_of
from footfall_alerting.standing.state import Standing
from typer.testing import CliRunner, Result

from .test_api import NOW, TOKEN, Site, message

WEBHOOK = webhook_id_of("shop", "a1")


class Here(httpx.BaseTransport):
    """The application itself instead of the network."""

    def __init__(self, site: Site) -> None:
        self._transport = httpx.ASGITransport(site.api)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport) as http:
                return await http.request(request.method, request.url, content=request.read(), headers=request.headers)

        answer = asyncio.run(ask())
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    known = Site()
    monkeypatch.setattr("footfall_alerting.cli.operate_cli.Api", partial(Api, transport=Here(known)))
    return known


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments, env={"COLUMNS": "200", "TZ": "UTC"})


def test_attempts_are_listed_with_what_comes_next(site: Site) -> None:
    site.keep(message())

    result = run("attempts")

    assert result.exit_code == 0
    (line,) = [line for line in result.output.splitlines() if WEBHOOK in line]
    for word in ("shop", "inventory.low", "waiting", "HTTP 503"):
        assert word in line


def test_one_webhook_is_shown_with_each_attempt_and_its_payload(site: Site) -> None:
    site.keep(message(status="dead", reason="exhausted"))

    result = run("attempts", WEBHOOK)

    for text in ("dead (exhausted)", "failed", "503", "0.250", "busy", '{"type":"inventory.low"}'):
        assert text in result.output


def test_programs_get_what_the_service_answers(site: Site) -> None:
    site.keep(message())

    assert json.loads(run("attempts", "--json").output)["messages"][0]["webhook_id"] == WEBHOOK
    assert json.loads(run("attempts", WEBHOOK, "--json").output)["attempts"][0]["status"] == 503
    assert json.loads(run("endpoints", "--json").output)["endpoints"][0]["id"] == "shop"
    assert json.loads(run("dead-letters", "--json").output)["messages"]
    assert json.loads(run("resend", WEBHOOK, "--json").output) == {"webhook_id": WEBHOOK, "endpoint": "shop"}
    assert json.loads(run("trigger", "inventory.low", "--json").output)["webhooks"]
    assert json.loads(run("recover", "--since", "2h", "--json").output) == {
        "recovered": {"shop": 2, "crm": 2},
        "disabled": [],
    }


def test_what_is_not_there_says_how_to_look_further(site: Site) -> None:
    assert "go further back" in run("attempts", "--since", "1h").output


def test_a_list_that_was_cut_says_so(site: Site) -> None:
    site.keep(message())

    assert "there may be more before" in run("attempts", "--since", "2020-01-01").output


def test_dead_letters_are_the_dead(site: Site) -> None:
    run("dead-letters", "--endpoint", "shop")

    ((query, _),) = site.past.asked
    assert (query.status, query.endpoint) == ("dead", "shop")


def test_resend_says_where_it_goes_and_how_to_see_it(site: Site) -> None:
    site.keep(message(status="dead"))

    assert run("resend", WEBHOOK).output == (
        f"{WEBHOOK} goes to shop again; see it: footfall webhook attempts {WEBHOOK}\n"
    )
    assert [job.webhook_id for _, job in site.past.sent] == [WEBHOOK]


def test_recover_goes_on_until_everything_is_back(site: Site) -> None:
    answers = iter([Recovered(10_000, NOW), Recovered(3, None)])

    async def recover(endpoint: str, since: float, until: float | None = None) -> Recovered:
        site.past.asked.append((endpoint, since))
        return next(answers)

    site.past.recover = recover  # type: ignore[method-assign]
    result = run("recover", "--since", "2027-01-15T07:00:00Z", "--endpoint", "shop")

    assert result.output == "shop: 10003 webhooks go out again\n"
    assert site.past.asked == [("shop", NOW - 3600), ("shop", NOW)]


def test_recover_leaves_disabled_endpoints_out_and_says_how_to_enable_them(site: Site) -> None:
    site.book.endpoints["crm"] = Standing("disabled", "HTTP 410", since=NOW)

    result = run("recover", "--since", "2h")

    assert result.output.splitlines() == [
        "shop: 2 webhooks go out again",
        "crm is disabled; enable it first: footfall webhook enable crm",
    ]


def test_endpoints_show_who_is_disabled_and_why(site: Site) -> None:
    site.book.endpoints["shop"] = Standing("disabled", "HTTP 410", since=NOW)

    (line,) = [line for line in run("endpoints").output.splitlines() if "shop.example" in line and "410" in line]

    assert "disabled" in line
    assert "HTTP 410" in line
    assert "private" not in line


def test_enable_says_how_to_bring_back_what_was_missed(site: Site) -> None:
    site.book.endpoints["shop"] = Standing("disabled", "HTTP 410", since=NOW)

    result = run("enable", "shop")

    assert "recover --since 7d --endpoint shop" in result.output
    assert not site.book.endpoints["shop"].is_disabled


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["enable", "shopp"], "there are: shop, crm"),
        (["resend", webhook_id_of("shop", "z")], "footfall webhook attempts"),
        (["trigger", "inventory.lo"], "did you mean inventory.low?"),
        (["trigger", "webhook.test"], "--endpoint ID"),
    ],
)
def test_what_the_service_refuses_is_one_line_with_the_cure(site: Site, arguments: list[str], cure: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
    assert cure in result.output


@pytest.mark.parametrize("command", ["attempts", "resend"])
@pytest.mark.parametrize("text", ["nonsense", "../endpoints", "msg_1"])
def test_what_is_no_id_of_a_webhook_is_said_so(site: Site, command: str, text: str) -> None:
    result = run(command, text)

    assert result.exit_code == 2
    assert f"'{text}' is no id of a webhook; `footfall webhook attempts` lists them" in result.output


def test_a_service_that_does_not_answer_is_named_with_the_cure() -> None:
    result = run("endpoints", "--url", "http://127.0.0.1:1")

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("footfall: the alerting service does not answer at http://127.0.0.1:1 ")
    assert "make run" in line


@pytest.mark.parametrize("answer", [httpx.Response(200, text="hello"), httpx.Response(200, json=[1])])
def test_something_else_at_its_address_is_told_apart(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response) -> None:
    transport = httpx.MockTransport(lambda _: answer)
    monkeypatch.setattr("footfall_alerting.cli.operate_cli.Api", partial(Api, transport=transport))

    assert "is no alerting service of this release; correct --url" in run("endpoints").output


def test_the_token_is_shown_and_its_lack_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    transport = Here(Site(TOKEN))
    monkeypatch.setattr("footfall_alerting.cli.operate_cli.Api", partial(Api, transport=transport))
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")

    assert "set ALERTING_TOKEN" in run("endpoints").output
    monkeypatch.setenv("ALERTING_TOKEN_FILE", str(file))
    assert token_here() == TOKEN
    assert run("endpoints").exit_code == 0
    monkeypatch.setenv("ALERTING_TOKEN_FILE", str(tmp_path / "none"))
    assert run("endpoints").output.startswith("footfall: ALERTING_TOKEN_FILE: ")


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "http://127.0.0.1:8200"),
        ({"ALERTING_PORT": "18200"}, "http://127.0.0.1:18200"),
        ({"ALERTING_HOST": "0.0.0.0"}, "http://127.0.0.1:8200"),
        ({"ALERTING_HOST": "10.0.0.7", "ALERTING_PORT": "1"}, "http://10.0.0.7:1"),
        ({"ALERTING_HOST": "::1"}, "http://[::1]:8200"),
    ],
)
def test_the_service_is_found_by_the_variables_that_started_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str
) -> None:
    for name in ("ALERTING_HOST", "ALERTING_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert url_here() == url


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90m", "2027-01-15T06:30:00+00:00"),
        ("7d", "2027-01-08T08:00:00+00:00"),
        ("2027-01-15T09:00:00+02:00", "2027-01-15T07:00:00+00:00"),
        ("2027-01-15T07:00Z", "2027-01-15T07:00:00+00:00"),
    ],
)
def test_times_are_written_as_people_do(text: str, moment: str) -> None:
    assert parse_moment(text, datetime.fromtimestamp(NOW, UTC)).isoformat() == moment


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-12, "12 s ago"), (300, "in 5 min"), (-7200, "2 h ago"), (4 * 86_400, "in 4 d"), (0, "0 s ago")],
)
def test_times_are_read_by_how_far_they_are(seconds: float, text: str) -> None:
    now = datetime.fromtimestamp(NOW, UTC)

    assert near((now + timedelta(seconds=seconds)).isoformat(), now) == text
    assert near(None, now) == ""


@pytest.mark.parametrize("text", ["", "yesterday", "9999999999d", "2027-13-01"])
def test_what_is_no_time_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="is no time; write 2h"):
        parse_moment(text, datetime.now(UTC))


def test_every_command_explains_itself() -> None:
    given: Callable[..., Any] = run
    output = given("--help").output
    for command in (
        "listen",
        "trigger",
        "verify",
        "attempts",
        "resend",
        "recover",
        "dead-letters",
        "endpoints",
        "enable",
    ):
        assert command in output
        assert given(command, "--help").exit_code == 0
