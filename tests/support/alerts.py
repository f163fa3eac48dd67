"""What Prometheus says of alerts, and a receiver of the webhooks that they become."""

import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest
from standardwebhooks import Webhook

from support.kafka import wait_until
from support.receiver import Receiver

FIRING, RESOLVED = "firing", "resolved"
NEEDS_MONITORING = pytest.mark.skipif(
    not (shutil.which("prometheus") and (shutil.which("prometheus-alertmanager") or shutil.which("alertmanager"))),
    reason="Prometheus and Alertmanager are not installed (apt install prometheus prometheus-alertmanager)",
)


@dataclass
class OnCall(Receiver):
    """Notes each alert that comes and how it stands; a webhook whose signature is wrong is refused.

    Attributes:
        told: Names of alerts, each with how it stood.
    """

    told: set[tuple[str, str]] = field(default_factory=set)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Judge one request and return the status to answer."""
        try:
            Webhook(self.secret).verify(body, {name.lower(): value for name, value in headers.items()})
        except Exception as error:
            self.invalid.append(repr(error))
            return 400
        event = orjson.loads(body)
        if event["type"] == "monitoring.alert":
            self.told.add((event["data"]["name"], event["data"]["status"]))
        return 204


@dataclass
class Gone(Receiver):
    """Wants nothing any more, until it is there again."""

    is_there: bool = False

    def take(self, _headers: dict[str, str], _body: bytes) -> int:
        """Answer that it is gone, or well."""
        return 204 if self.is_there else 410


@dataclass
class Alerts:
    """The alerts of a Prometheus.

    Args:
        url: Where it is.
    """

    url: str
    since: float = field(default_factory=time.time)
    """What fired before, when parts were still starting, does not count."""

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an expression, as they are now."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10, trust_env=False)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """Return what fires now."""
        return self._names('ALERTS{alertstate="firing"}')

    def fired(self) -> set[str]:
        """Return what has fired since it is watched."""
        passed = time.time() - self.since
        if passed < 0:
            return set()
        return self._names(f'count_over_time(ALERTS{{alertstate="firing"}}[{int(passed) + 1}s])')

    def wait_fired(self, names: Iterable[str], *, seconds: float) -> None:
        """Wait until each has fired, whether it still does or not."""
        wanted = set(names)
        wait_until(
            lambda: wanted <= self.fired(),
            seconds=seconds,
            what=lambda: f"{wanted - self.fired()} fire; {self.facts()}",
        )

    def wait_ended(self, names: Iterable[str], *, seconds: float) -> None:
        """Wait until none fires."""
        wanted = set(names)
        wait_until(lambda: not wanted & self.firing(), seconds=seconds, what=lambda: f"{wanted & self.firing()} end")

    def facts(self) -> list[str]:
        """Return what is not well, in the words of `footfall status`."""
        found = self.query("footfall_fact_level > 0")
        return [f"{each['metric']['fact']} {each['metric'].get('about', '')}: {each['value'][1]}" for each in found]

    def _names(self, expression: str) -> set[str]:
        return {series["metric"]["alertname"] for series in self.query(expression)}
