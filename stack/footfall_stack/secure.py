"""Secure connections: who each process is, and the one that makes the users."""

import sys
from collections.abc import Iterable
from dataclasses import replace

from footfall_schemas.access import ADMIN, BROKER
from footfall_security.credentials_dir import CredentialsDir

from footfall_stack.kafka import NAME as KAFKA
from footfall_stack.model import ANALYTICS, STOCK, Process
from footfall_stack.probes import at_its_end
from footfall_stack.registry import NAME as REGISTRY

ACCESS = "access"
PRINCIPALS = {
    ANALYTICS: "analytics",
    STOCK: "analytics",
    "generator": "generator",
    "alerting": "alerting",
    "recommender": "recommender",
    "dashboard": "dashboard",
    "exporter": "exporter",
}
"""Who each process connects as."""


def secured(processes: Iterable[Process], folder: CredentialsDir) -> list[Process]:
    """Return the processes, each with credentials of its own, and the one that makes the users before they start."""
    return [_with_credentials(process, folder) for process in processes] + [_access(folder)]


def _with_credentials(process: Process, folder: CredentialsDir) -> Process:
    if process.name not in PRINCIPALS:
        return process
    return replace(
        process,
        env={**process.env, **folder.variables(PRINCIPALS[process.name])},
        needs=(*process.needs, ACCESS),
        # Whoever comes before the users are made is refused.
        eager=False,
    )


def _access(folder: CredentialsDir) -> Process:
    asks = folder.variables(ADMIN) | folder.variables(BROKER, registry=False)
    return Process(
        name=ACCESS,
        argv=(sys.executable, "-m", "footfall_security", "apply"),
        needs=(KAFKA, REGISTRY),
        env=asks | {"FOOTFALL_SECURE_DIR": str(folder.path)},
        ready=at_its_end,
        finite=True,
    )
