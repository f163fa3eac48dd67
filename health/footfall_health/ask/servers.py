"""Asks the registry and the services over HTTP."""

import json
import re
import time

from footfall_health.ask.deadline import Deadline, NoAnswerError
from footfall_health.ask.http import OK, Server
from footfall_health.observed import Service
from footfall_health.watched import Watched

_AWAITED = re.compile(r'^footfall_awaited_schema_since_seconds\{schema_id="(\d+)"\} (\S+)', re.MULTILINE)
_NUMBER = re.compile(r"^(footfall_\w+) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$", re.MULTILINE)


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
    numbers = {name: float(value) for name, value in _NUMBER.findall(metrics)}
    return Service(status == OK, "" if status == OK else _why(status, body), awaited, numbers)


def _why(status: int, body: bytes) -> str:
    try:
        checks = json.loads(body)["checks"]
        return "; ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])
    except (ValueError, KeyError, TypeError):
        raise NoAnswerError(f"status {status}") from None
