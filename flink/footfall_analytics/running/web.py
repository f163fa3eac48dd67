"""Health of analytics over HTTP, from the facts that `footfall status` shows: `/health/ready`, `/health/live`, `/metrics`."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from footfall_chassis.health import CheckResult, Health
from footfall_chassis.http import serving
from footfall_health.ask.look import look
from footfall_health.facts import Fact
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import Observation
from footfall_health.watched import Watched
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette

FRESH = 2.0
"""Seconds that a look serves everybody who asks."""
WITHIN = 3.0
"""Seconds that everybody has to answer: longer than a person would wait, since a busy machine is slow to answer."""
OF_MESSAGES = {"late", "dead letters", "accounts"}
"""Facts that tell what others send; analytics is as ready as can be."""
COMPLETE = {"job"}
"""Facts of which a warning is not enough: a job that is being deployed computes nothing yet."""


def results(facts: Iterable[Fact]) -> dict[str, CheckResult]:
    """Return for each fact whether analytics is ready as far as it goes, and what it says."""
    return {fact.subject: CheckResult(_is_ready(fact), f"{fact.detail}{_cure(fact)}") for fact in facts}


def _is_ready(fact: Fact) -> bool:
    if fact.name in OF_MESSAGES:
        return True
    return fact.level == "ok" or (fact.level == "warning" and fact.name not in COMPLETE)


def _cure(fact: Fact) -> str:
    return f" -> {fact.cure}" if fact.cure else ""


def _patient(watched: Watched) -> Observation:
    return look(watched, within=WITHIN)


class FactsHealth(Health):
    """Looks when it is asked.

    Args:
        watched: What is looked at.
        ask: How.
    """

    def __init__(self, watched: Watched, ask: Callable[[Watched], Observation] = _patient) -> None:
        super().__init__("footfall-analytics")
        self._watched = watched
        self._ask = ask
        self._memory = Memory()
        self._lock = threading.Lock()
        self._found: list[Fact] = []
        self._until = 0.0

    async def found(self) -> dict[str, CheckResult]:
        """Return what `look` returns, without keeping others from being answered."""
        return await asyncio.to_thread(self.look)

    async def exposed(self, registry: CollectorRegistry) -> bytes:
        """Return what `/metrics` answers, without keeping others from being answered: facts are asked for first."""
        return await asyncio.to_thread(generate_latest, registry)

    def look(self) -> dict[str, CheckResult]:
        """Return how far analytics is ready."""
        return results(self.facts())

    def facts(self) -> list[Fact]:
        """Return what the last look has found, after another one if that is old."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = judge(self._ask(self._watched), self._watched, self._memory)
                self._until = time.monotonic() + FRESH
            return self._found


def serve(health: Health, host: str, port: int) -> None:
    """Answer in a thread until the process ends; returns when it listens.

    Raises:
        PortUnavailableError: Another process has the port.
    """
    listens: Future[None] = Future()

    async def answer() -> None:
        async with serving(Starlette(routes=health.routes()), host, port):
            listens.set_result(None)
            await asyncio.Event().wait()

    def work() -> None:
        try:
            asyncio.run(answer())
        except Exception as error:  # noqa: BLE001  it belongs to whoever waits
            listens.set_exception(error)

    threading.Thread(target=work, daemon=True, name="health").start()
    listens.result()
