"""The whole of it behind TLS, logins and rights: everything works, and whoever may not is told so in one line."""

import json
import os
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from footfall_security.credentials_dir import CredentialsDir, write_private
from footfall_security.make import make
from footfall_stack.ports import choose
from footfall_stack.testing import StackHandle, running_stack

from support.kafka import wait_until
from support.receiver import SECRET, Receiver

pytestmark = [pytest.mark.stack, pytest.mark.secure]

HTTP_HERE = {"ALERTING_ALLOW_HTTP": "true", "ALERTING_ALLOWED_NETWORKS": "127.0.0.0/8"}
"""Webhooks of tests stay on this machine."""
PORTS = ("ANALYTICS_PORT", "ALERTING_PORT", "RECOMMENDER_PORT", "DASHBOARD_PORT")
"""That a process of a test must not share with the stack."""

HARD = 'it\'s; a \\ "${hard}" one'
"""A password of everything that some language on its way could take for something else."""


@dataclass
class SecureShop:
    """A stack with secure connections, somebody who receives its webhooks, and commands of its people."""

    stack: StackHandle
    folder: CredentialsDir
    receiver: Receiver

    def run(self, *arguments: str, who: str = "admin", **env: str) -> "subprocess.CompletedProcess[str]":
        """Run a `footfall` command as somebody."""
        return self.python("footfall_stack", *arguments, who=who, **env)

    def python(self, *arguments: str, who: str, **env: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", *arguments]
        environment = os.environ | self.stack.env | self.folder.variables(who) | env
        return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=300, check=False)

    def rows(self, topic: str, *options: str) -> list[dict[str, Any]]:
        done = self.run("tail", topic, "--no-follow", "--json", "-n", "1000", *options)
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureShop]:
    data = tmp_path_factory.mktemp("secure")
    folder = CredentialsDir(data / "secure")
    make(folder)
    for principal in ("analytics", "alerting", "admin"):
        write_private(folder.password(principal), f"{HARD} {principal}")
    with Receiver() as receiver:
        env = {
            "FOOTFALL_SECURE": "true",
            "ALERTING_WEBHOOK_URL": receiver.url,
            "ALERTING_WEBHOOK_SECRET": SECRET,
            "ALERTING_RETRY_DELAYS": "500ms,1s",
        }
        with running_stack(data, env=env) as stack:
            yield SecureShop(stack, folder, receiver)


def test_events_become_a_metric_a_webhook_and_a_recommendation(shop: SecureShop) -> None:
    url = f"http://127.0.0.1:{shop.stack.env['RECOMMENDER_PORT']}/v1/products"

    def recommended() -> bool:
        products = [row["product_id"] for row in shop.rows("related-products")[-5:]]
        return any(httpx.get(f"{url}/{product}/related").json().get("items") for product in products)

    wait_until(lambda: bool(shop.rows("event_counts")), seconds=120, what="a metric")
    wait_until(lambda: bool(shop.receiver.delivered_alerts()), seconds=120, what="a webhook")
    wait_until(recommended, seconds=120, what="a recommendation")
    assert shop.receiver.invalid == []


def test_the_live_page_shows_them(shop: SecureShop) -> None:
    url = f"http://127.0.0.1:{shop.stack.env['DASHBOARD_PORT']}/v1/panels/events_by_type"

    wait_until(lambda: httpx.get(url).json()["state"] == "live", seconds=120, what="a panel")


def test_people_ask_in_sql_and_are_shown_no_password(shop: SecureShop) -> None:
    counted = shop.run("sql", "--batch", "--json", "-e", "SELECT COUNT(*) AS n FROM event_counts")
    shown = shop.run("sql", "--batch", "--json", "-e", "SHOW CREATE TABLE clickstream")
    planned = shop.run("sql", "plan")

    assert json.loads(counted.stdout)["n"] > 0, counted.stderr
    assert "jaas.config' = '***'" in shown.stdout
    assert "jaas.config' = '***'" in planned.stdout
    assert "hard" not in shown.stdout + shown.stderr + planned.stdout


def test_recorded_events_are_replayed(shop: SecureShop, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("".join(f"1,{item},3,pv,{1511600000 + item}\n" for item in range(20)))

    done = shop.run("replay", str(file))

    assert done.returncode == 0, done.stderr
    assert sum(row["events"] for row in shop.rows("event_counts", "--recorded")) == 20
    assert not [row for row in shop.rows("event_counts") if row["window_start"].startswith("2017-11-25")]


def test_status_tells_what_became_of_the_messages(shop: SecureShop) -> None:
    said: list[str] = []

    def is_told() -> bool:
        # Within its two seconds a busy machine may not answer each time.
        done = shop.run("status")
        said[:] = [done.stdout]
        return done.returncode == 0 and "Cannot account" not in done.stdout and "clickstream" in done.stdout

    wait_until(is_told, seconds=120, what=lambda: f"status tells of the messages: {said}")


@pytest.mark.parametrize(
    "command",
    [
        ("footfall_stack", "tail", "clickstream"),
        ("footfall_stack", "generate", "--rate", "max", "--duration", "1s"),
        ("footfall_stack", "sql", "--batch", "-e", "SELECT COUNT(*) FROM clickstream"),
        ("footfall_stack", "secure", "apply"),
        ("footfall_alerting",),
        ("footfall_recommender",),
        ("footfall_dashboard",),
        ("footfall_generator",),
        ("footfall_analytics", "run"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_wrong_password_is_refused_in_one_line(shop: SecureShop, command: tuple[str, ...]) -> None:
    wrong = {"KAFKA_SASL_PASSWORD_FILE": "", "KAFKA_SASL_PASSWORD": "not-the-one"} | _free_ports() | HTTP_HERE

    done = shop.python(*command, who="admin", **wrong)

    assert done.returncode == 1
    (line,) = [line for line in (done.stderr + done.stdout).splitlines() if "refuses" in line]
    assert "refuses user 'admin'" in line
    assert "invalid credentials" in line
    assert "check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD" in line
    assert "Traceback" not in done.stderr + done.stdout
    assert "not-the-one" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("who", "arguments", "refusal"),
    [
        ("alerting", ("tail", "revenue_per_minute"), "user 'alerting' may not read topic revenue_per_minute"),
        ("generator", ("tail", "clickstream"), "user 'generator' may not read topic clickstream"),
        (
            "alerting",
            ("generate", "--rate", "max", "--duration", "1s"),
            "user 'alerting' may not create or write topic c",
        ),
        ("generator", ("secure", "apply"), "user 'generator' may not change the password of"),
    ],
)
def test_a_foreign_topic_is_refused_in_one_line(
    shop: SecureShop, who: str, arguments: tuple[str, ...], refusal: str
) -> None:
    done = shop.run(*arguments, who=who)

    assert done.returncode == 1
    line = _only(done.stderr + done.stdout)
    assert refusal in line
    assert "docs/security.md" in line


@pytest.mark.parametrize(
    ("module", "who"),
    [
        (("footfall_alerting",), "generator"),
        (("footfall_recommender",), "alerting"),
        (("footfall_generator",), "recommender"),
        (("footfall_analytics", "run"), "alerting"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_service_that_is_somebody_else_ends_with_one_line(
    shop: SecureShop, module: tuple[str, ...], who: str
) -> None:
    done = shop.python(*module, who=who, **_free_ports(), **HTTP_HERE)

    assert done.returncode == 1
    (line,) = [line for line in (done.stderr + done.stdout).splitlines() if "may not" in line]
    assert f"user '{who}' may not create or write topic " in line
    assert "Traceback" not in done.stderr + done.stdout


def test_a_registry_lets_nobody_in_without_a_password(shop: SecureShop) -> None:
    url = shop.stack.env["SCHEMA_REGISTRY_URL"]
    context = ssl.create_default_context(cafile=str(shop.folder.ca))
    wrong = shop.run("tail", "event_counts", SCHEMA_REGISTRY_PASSWORD_FILE="", SCHEMA_REGISTRY_PASSWORD="no")

    assert httpx.get(f"{url}/subjects", verify=context).status_code == 401
    developer = ("generator", shop.folder.password("generator").read_text())
    rule = httpx.put(f"{url}/config", json={"compatibility": "NONE"}, auth=developer, verify=context)
    assert rule.status_code == 403, "only administrators of the registry set its rule"
    assert wrong.returncode == 1
    line = _only(wrong.stderr)
    assert "refuses user 'admin'; check SCHEMA_REGISTRY_USER and SCHEMA_REGISTRY_PASSWORD" in line


def test_servers_that_nobody_vouches_for_are_not_trusted(shop: SecureShop, tmp_path: Path) -> None:
    make(CredentialsDir(tmp_path))

    done = shop.run("tail", "event_counts", KAFKA_SSL_CA_LOCATION=str(CredentialsDir(tmp_path).ca))

    assert done.returncode == 1
    line = _only(done.stderr)
    assert "check KAFKA_SSL_CA_LOCATION" in line


def test_no_password_is_in_a_log_a_process_list_or_a_file_that_others_can_read(shop: SecureShop) -> None:
    secrets = [path.read_text().encode() for path in shop.folder.passwords.iterdir()]
    secrets += [json.dumps(secret.decode())[1:-1].encode() for secret in secrets]
    lines = [" ".join(_command_line(process)).encode() for process in psutil.process_iter()]
    files = [path for path in shop.stack.layout.data.rglob("*") if path.is_file() and not path.is_symlink()]

    def tells(content: bytes) -> bool:
        return b"${hard}" in content or any(secret in content for secret in secrets)

    assert not [line for line in lines if tells(line)]
    assert not [path for path in files if path.suffix == ".log" and tells(_content(path))]
    holders = [path for path in files if path.parent != shop.folder.passwords and tells(_content(path))]
    plans = set((shop.stack.layout.data / "flink").rglob("*.json"))
    assert holders, "the job's compiled plan carries its credentials"
    assert set(holders) <= plans
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in holders if path.exists())


def _only(text: str) -> str:
    assert text.count("\n") == 1, text
    return text.strip()


def _content(path: Path) -> bytes:
    # Checkpoints come and go.
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _free_ports() -> dict[str, str]:
    return dict(zip(PORTS, map(str, choose(len(PORTS))), strict=True))
