"""One look at everything."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from footfall_health.ask import accounts, flink, kafka
from footfall_health.ask.deadline import Deadline, together
from footfall_health.ask.servers import ask_registry, ask_service
from footfall_health.observed import Observation, Process
from footfall_health.watched import Watched

WITHIN = 1.5
"""Seconds that everybody has to answer."""


def look(watched: Watched, processes: tuple[Process, ...] = (), *, within: float = WITHIN) -> Observation:
    """Ask everybody at once; who does not answer in time is silent, and that is a fact.

    Args:
        watched: What is there to be asked.
        processes: What a supervisor knows, if there is one.
        within: Seconds that everybody has.
    """
    deadline = Deadline(within)
    questions: dict[str, Callable[[], Any]] = {}
    if watched.flink:
        questions["flink"] = partial(flink.ask, watched, deadline)
    if watched.kafka:
        questions["broker"] = partial(kafka.ask, watched, deadline)
    if watched.registry:
        questions["registry"] = partial(ask_registry, watched, deadline)
    if watched.jobs:
        questions["accounts"] = partial(accounts.ask, watched, deadline)
    questions |= {f"service {name}": partial(ask_service, url, deadline) for name, url in watched.services.items()}
    answers = together(questions, deadline)
    return Observation(
        at=time.time(),
        flink=answers.get("flink"),
        broker=answers.get("broker"),
        registry=answers.get("registry"),
        accounts=answers.get("accounts"),
        services={name: answers[f"service {name}"] for name in watched.services},
        processes=processes,
    )
