"""The shop in containers behind TLS, logins and rights: it works, and whoever may not is told so in one line."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from footfall_security.credentials_dir import CredentialsDir

from checks.composed.containers import Containers
from checks.prove.verdict import Verdict, compared
from support.kafka import wait_until
from support.receiver import Receiver

FILES = "docker-compose.yaml:compose.secure.yaml"
PATIENCE = 300.0


def secured(containers: Containers, receiver: Receiver, tell: Callable[[str, str], None]) -> list[Verdict]:
    """Start it, wait for a webhook, a metric and a recommendation, and try what must be refused."""
    receiver.delivered.clear()
    with tempfile.TemporaryDirectory(prefix="footfall-secure-") as name:
        folder = CredentialsDir(Path(name))
        more = {"COMPOSE_FILE": FILES, "FOOTFALL_SECURE_DIR": name}
        behind = replace(containers, project=f"{containers.project}-secure", env={**containers.env, **more})
        try:
            tell("secure: docker compose up --wait", f"{behind.up():.0f} s")
            wait_until(lambda: bool(receiver.delivered), seconds=PATIENCE, what="a webhook")
            shop = _Commands(behind, folder)
            wait_until(shop.recommends, seconds=PATIENCE, what="a recommendation")
            wait_until(lambda: bool(shop.rows("revenue_per_minute")), seconds=PATIENCE, what="a minute of revenue")
            minutes = shop.rows("revenue_per_minute")
            return [
                compared("secure", "webhooks", len(receiver.delivered), {"badly signed": list(receiver.invalid)}),
                compared("secure", "minutes of revenue", len(minutes), {"none": [] if minutes else ["no row"]}),
                *shop.refusals(),
            ]
        finally:
            behind.down(volumes=True)


class _Commands:
    """Commands of people on this machine."""

    def __init__(self, containers: Containers, folder: CredentialsDir) -> None:
        self._containers = containers
        self._folder = folder

    def tail(self, topic: str, who: str = "admin", **env: str) -> "subprocess.CompletedProcess[str]":
        ports = self._containers.env
        place = {
            "KAFKA_BOOTSTRAP_SERVERS": f"localhost:{ports['KAFKA_PORT']}",
            "SCHEMA_REGISTRY_URL": f"https://localhost:{ports['REGISTRY_PORT']}/apis/ccompat/v7",
        }
        command = [sys.executable, "-m", "footfall_stack", "tail", topic, "--no-follow", "--json"]
        whole = os.environ | place | self._folder.variables(who) | env
        return subprocess.run(command, env=whole, capture_output=True, text=True, timeout=120, check=False)

    def rows(self, topic: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.tail(topic).stdout.splitlines()]

    def recommends(self) -> bool:
        return self._containers.recommends(str(row["product_id"]) for row in self.rows("related-products"))

    def refusals(self) -> list[Verdict]:
        """See that every wrong way in ends with one line that says who may not."""
        guess = {"KAFKA_SASL_PASSWORD_FILE": "", "KAFKA_SASL_PASSWORD": "guess"}
        return [
            _refused("a wrong password", self.tail("clickstream", **guess), "refuses user 'admin'"),
            _refused("a foreign topic", self.tail("clickstream", who="alerting"), "user 'alerting' may not read"),
            _refused("no login", self.tail("clickstream", KAFKA_SECURITY_PROTOCOL="PLAINTEXT"), "Kafka"),
        ]


def _refused(how: str, done: "subprocess.CompletedProcess[str]", expected: str) -> Verdict:
    said = done.stderr.strip()
    holds = done.returncode != 0 and expected in said and len(said.splitlines()) == 1
    return compared("secure", f"{how} is refused", 1, {"said": [] if holds else [said[-500:]]})
