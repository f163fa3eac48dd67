"""A small shop and a sink that keeps what it gets."""

from collections.abc import Callable

import pytest
from footfall_generator.run import Run

from support.simulated import SCHEMA_IDS, START, Kept, simulated

__all__ = ["SCHEMA_IDS", "START", "Kept", "Simulate", "simulate"]

Simulate = Callable[..., tuple[Run, Kept]]


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    return simulated
