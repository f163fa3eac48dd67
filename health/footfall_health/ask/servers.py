"""Asks the registry and the services over HTTP."""

import json
import re
import time
from collections import defaultdict

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.http import OK, Server
from footfall_health.observed import Service
from footfall_health.watched import Watched

_AWAITED = re.compile(r'^footfall_awaited_schema_since_seconds\{schema_id="(\d+)"\} (\S+)', re.MULTILINE)
_NUMBER = re.compile(r"^(footfall_\w+)(?:\{[^}]*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$", re.MULTILINE)


def ask_registry(watched: Watched, deadline: Deadline) -> float:
    """Return how many seconds the registry takes for something that it must look up in its database.

    Raises:
        NoAnswerError: It does not answer, or with an error.
    """
    started = time.monotonic()
    with Server(watched.registry, deadline, login=watched.registry_login, ca=watched.registry_ca) as registry:
        registry.document("/subjects")
    return time.monotonic() - started


def ask_service(url: str, deadline: Deadline) -> Service:
    """Return what a service says of itself.

    Raises:
        NoAnswerError: It does not answer.
    """
    with Server(url, deadline) as service:
        status, body = service.get("/health/ready")
        metrics = service.get("/metrics")[1].decode(errors="replace")
    awaited = {int(number): float(since) for number, since in _AWAITED.findall(metrics)}
    numbers: dict[str, float] = defaultdict(float)
    for name, value in _NUMBER.findall(metrics):
        numbers[name] += float(value)
    failing, cautions = _told(status, body)
    return Service(status == OK, failing, cautions, awaited, numbers)


def _told(status: int, body: bytes) -> tuple[str, str]:
    """Return what failing checks say, and what the others want somebody to know."""
    try:
        checks = json.loads(body)["checks"]
        told = [(check["ok"], check.get("caution"), f"{name}: {check['detail']}") for name, check in checks.items()]
    except (ValueError, KeyError, TypeError, AttributeError):
        if status == OK:
            return "", ""
        raise NoAnswerError(f"status {status}") from None
    failing = "; ".join(text for ok, _, text in told if not ok)
    return failing, "; ".join(text for ok, caution, text in told if ok and caution)
