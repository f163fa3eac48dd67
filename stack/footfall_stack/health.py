"""What the health facts of the stack that runs here are."""

import os
import time
from dataclasses import replace

from footfall_health.ask.look import look
from footfall_health.facts import Fact
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import Failure, Observation, Process
from footfall_health.watched import Watched

from footfall_stack import plugins, state
from footfall_stack.model import ANALYTICS, STOCK
from footfall_stack.paths import Layout
from footfall_stack.settings import StackSettings
from footfall_stack.surroundings import for_commands

SERVICES = ("alerting", "recommender", "dashboard", "exporter")
"""Processes that answer `/health/ready`."""
NEEDED_BY = {
    "kafka": {ANALYTICS, STOCK, "generator", *SERVICES},
    "registry": {ANALYTICS, STOCK, "generator", *SERVICES},
}
"""What is looked at, wherever it runs, because a process of ours needs it."""


def examine(settings: StackSettings, found: state.State) -> tuple[Observation, list[Fact]]:
    """Look at everything that this stack is, and judge it; what was seen is remembered for the next look.

    Args:
        settings: The stack's.
        found: What its supervisor says.
    """
    layout = Layout(settings.footfall_data_dir)
    os.environ.update(for_commands(settings, os.environ))
    watched = of_stack(found)
    processes = tuple(map(_process, found.processes))
    if watched is None:
        return Observation(time.time(), processes=processes), []
    memory = Memory.load(layout.seen)
    seen = look(watched, processes)
    facts = judge(seen, watched, memory)
    memory.save(layout.seen)
    return seen, facts


def of_stack(found: state.State) -> Watched | None:
    """Return what is to be looked at: what this stack runs, and what its processes need; None if nobody can tell."""
    names = {status.name for status in found.processes}
    split = STOCK in names
    watched = plugins.watched(
        (*(["shop" if split else "all"] if ANALYTICS in names else []), *(["stock"] if split else []))
    )
    if watched is None:
        return None
    needed = {part for part, users in NEEDED_BY.items() if names & (users | {part})}
    has_job = bool(names & {ANALYTICS, STOCK})
    return replace(
        watched,
        flink=watched.flink if has_job else "",
        jobs=watched.jobs if has_job else {},
        kafka=watched.kafka if "kafka" in needed else {},
        registry=watched.registry if "registry" in needed else "",
        # One that starts says so itself; it is not ready before it is.
        services={each.name: each.url for each in found.processes if each.name in SERVICES and each.stage == "ready"},
    )


def _process(status: state.ProcessStatus) -> Process:
    deaths = tuple(Failure(death.at, death.cause) for death in status.deaths)
    return Process(status.name, status.stage, status.since, deaths)
