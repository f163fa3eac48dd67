"""Fixtures every tier of tests shares."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from footfall_stack.testing import running_stack
from hypothesis import settings

from support.proxies import NAMES as PROXIES

# A shell that runs tests in the background has them ignore Ctrl-C, by which some end the commands that they have started.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says nothing on a machine that is busy.
settings.register_profile("footfall", settings.default, deadline=None)
settings.load_profile("footfall")

# What tests ask for themselves is on this machine.
for proxy in PROXIES:
    os.environ.pop(proxy, None)


@dataclass(frozen=True)
class Backbone:
    """A running Kafka and registry."""

    kafka: str
    registry: str
    env: dict[str, str] = field(default_factory=dict)
    """What a service must find in its environment to use them."""


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    """Kafka and a registry of their own; those of FOOTFALL_TEST_KAFKA and FOOTFALL_TEST_REGISTRY if both are set."""
    kafka, registry = os.environ.get("FOOTFALL_TEST_KAFKA"), os.environ.get("FOOTFALL_TEST_REGISTRY")
    if kafka and registry:
        yield Backbone(kafka, registry, {"KAFKA_BOOTSTRAP_SERVERS": kafka, "SCHEMA_REGISTRY_URL": registry})
        return
    with running_stack(tmp_path_factory.mktemp("backbone"), ["kafka", "registry"]) as stack:
        yield Backbone(stack.env["KAFKA_BOOTSTRAP_SERVERS"], stack.env["SCHEMA_REGISTRY_URL"], stack.env)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that the last worker does not run one of them alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)
