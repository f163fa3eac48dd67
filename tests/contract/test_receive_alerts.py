"""docs/receive-alerts.md: its receivers work as printed, and its tables are whole."""

import ast
import asyncio
import ipaddress
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from footfall_alerting import event_types
from footfall_alerting.endpoints import Endpoint
from footfall_alerting.events import Event
from footfall_alerting.job import Job, webhook_id_of
from footfall_alerting.payload import body_of
from footfall_alerting.policy import Result
from footfall_alerting.sending.sender import Sender
from footfall_alerting.settings import AlertingSettings
from footfall_analytics.settings import REPOSITORY
from footfall_stack import ports

from support import node
from support.markdown import blocks, tables
from support.receiver import SECRET

PAGE = (REPOSITORY / "docs" / "receive-alerts.md").read_text()
AT = datetime(2026, 1, 5, 10, 15, 30, tzinfo=UTC)
PROGRAMS = {"python": (sys.executable, "receiver.py"), "javascript": ("node", "receiver.js")}


@dataclass
class Running:
    """A program of the page that receives."""

    url: str
    log: Path

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()


@contextmanager
def running(language: str, folder: Path) -> Iterator[Running]:
    command, name = PROGRAMS[language]
    (code,) = blocks(PAGE, language)
    (folder / name).write_text(code)
    (port,) = ports.choose(1)
    env = {**os.environ, "WEBHOOK_SECRET": SECRET, "PORT": str(port), "NODE_PATH": str(node.PACKAGES)}
    log = folder / "log"
    errors = folder / "errors"
    with log.open("w") as output, errors.open("w") as diagnostics:
        process = subprocess.Popen([command, name], cwd=folder, env=env, stdout=output, stderr=diagnostics)
    there = Running(f"http://127.0.0.1:{port}/", log)
    try:
        until = time.monotonic() + 60
        while not answers(there.url):
            assert process.poll() is None, errors.read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield there
        assert process.poll() is None, errors.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def answers(url: str) -> bool:
    try:
        httpx.post(url, content=b"{}", timeout=5)
    except httpx.TransportError:
        return False
    return True


@pytest.fixture(params=PROGRAMS)
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    if request.param == "javascript":
        try:
            node.environment("standardwebhooks")
        except LookupError as missing:
            pytest.skip(str(missing))
    with running(request.param, tmp_path) as there:
        yield there


def job(number: int) -> Job:
    payload = event_types.example("inventory.low")
    data: Mapping[str, object] = payload["data"] | {"product_name": "Müsli 😀", "sequence": number}
    event = Event(f"alert-{number}", "inventory.low", AT, "P00007", data, severity="warning")
    return Job(
        webhook_id_of("shop", event.id),
        "shop",
        event.id,
        event.type,
        event.key,
        number,
        0.0,
        body_of(event, "http://localhost:8090/"),
    )


def test_a_receiver_takes_each_webhook_once_and_no_forged_one(receiver: Running) -> None:
    def endpoint(**fields: object) -> Endpoint:
        return Endpoint.model_validate({"id": "shop", "url": receiver.url, "secret": SECRET} | fields)

    other = "whsec_" + "bm90IHRoZSBzZWNyZXQgb2YgdGhlIHJlY2VpdmVyISE="

    async def attempts(to: Endpoint, *jobs: Job) -> list[int | None]:
        sender = Sender(to, timeout=timedelta(seconds=15), networks=[ipaddress.ip_network("127.0.0.0/8")])
        outcomes = [await sender.attempt(each) for each in jobs]
        await sender.close()
        assert all((outcome.result is Result.DELIVERED) == (outcome.status == 204) for outcome in outcomes)
        return [outcome.status for outcome in outcomes]

    assert asyncio.run(attempts(endpoint(), job(1), job(1), job(2))) == [204, 204, 204]
    assert asyncio.run(attempts(endpoint(secret=other), job(3))) == [401]
    assert asyncio.run(attempts(endpoint(secret=other, previous_secret=SECRET), job(4), job(4))) == [204, 204]
    for headers in ({}, {"webhook-id": "msg_1", "webhook-timestamp": "soon", "webhook-signature": "nonsense"}):
        assert httpx.post(receiver.url, content=b"{}", headers=headers, timeout=15).status_code == 401

    printed = receiver.lines()
    assert [line.split()[0] for line in printed] == ["inventory.low"] * 3
    assert all("Müsli 😀" in line for line in printed)


def test_the_endpoints_of_the_page_are_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = blocks(PAGE, "json")
    # The page leaves out a token.
    monkeypatch.setenv("ALERTING_ENDPOINTS", text.replace("…", "x"))

    assert [endpoint.id for endpoint in AlertingSettings.load().receivers()] == ["purchasing", "berlin", "on-call"]


def test_the_tables_of_the_page_are_whole() -> None:
    found = tables(PAGE)
    told = {name.strip("`"): row["comes"] for row in found["type"] for name in [row["type"]]}
    fields = [name.strip("`") for row in found["field"] for name in row["field"].split(", ")]

    by_name = event_types.asked_for_by_name()
    assert told == {name: "when asked for" if name in by_name else "unasked" for name in event_types.schemas()}
    assert fields == list(Endpoint.model_fields)


def test_the_secrets_of_the_page_are_none_of_ours() -> None:
    (text,) = blocks(PAGE, "json")

    assert len({endpoint["secret"] for endpoint in json.loads(text)}) == 3


def test_the_receiver_in_python_needs_one_package() -> None:
    (code,) = blocks(PAGE, "python")
    imports = {
        node.module.partition(".")[0] if isinstance(node, ast.ImportFrom) and node.module else node.names[0].name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    assert imports - sys.stdlib_module_names == {"standardwebhooks"}
