"""What the supervisor knows about a process before it starts it."""

import pwd
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from footfall_schemas.errors import PermanentError

ANALYTICS, STOCK = "analytics", "analytics-stock"
"""Processes that supervise jobs, named where it costs no import of what they are made of."""

Probe: TypeAlias = Callable[[], bool]
"""Tells whether a process is ready; answers within about two seconds and never raises."""


class StackError(PermanentError):
    """Something a person has to put right; the message says what in one line."""


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Process:
    """One program of the stack."""

    name: str
    argv: tuple[str, ...]
    ready: Probe
    needs: tuple[str, ...] = ()
    """Processes that must be ready before this one starts, and stay until it has ended."""
    wants: tuple[str, ...] = ()
    """Processes that must stay until this one has ended, if they run."""
    eager: bool = False
    """It starts at once and waits for what it needs by itself."""
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = _nothing
    """Runs before every start."""
    ports: Mapping[str, int] = field(default_factory=dict)
    """Ports it listens on, by the variable that moves them."""
    memory_mib: int = 0
    """What it takes when it works, roughly."""
    url: str = ""
    ready_within: float = 120.0
    grace: float = 15.0
    """Seconds between the request to end and the kill."""
    finite: bool = False
    """It may end by itself with status 0."""
    optional: bool = False
    """It runs only when it is asked for."""
    user: pwd.struct_passwd | None = None
    """Whom it runs as; None: as the stack does."""
    stop_signal: signal.Signals = signal.SIGTERM
