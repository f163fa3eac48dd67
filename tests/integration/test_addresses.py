"""The registry's address without its path, where something else answers: an error at once, with the right one in it."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import Backbone
from footfall_schemas.provision import ensure_recorded, ensure_topics
from footfall_schemas.registry import APICURIO
from footfall_schemas.topics import load_topics
from footfall_stack import ports

from support.answering import answering
from support.programs import begun

pytestmark = pytest.mark.stack

PATIENCE = 300.0
"""Seconds for all of them at once on a very busy machine."""
PREFIX = "addresses-"
MODULES = {name: [f"footfall_{name}"] for name in ("generator", "alerting", "recommender", "dashboard")} | {
    "analytics": ["footfall_analytics", "run"],
}
COMMANDS = {
    "generate": ["generate", "--events", "1"],
    "publish": ["publish", "FILE"],
    "sql": ["sql", "--batch", "-e", "SELECT * FROM clickstream"],
    "backfill": ["backfill"],
    "recorded": ["postgres", "recorded"],
}
"""What begins with the registry; `tail` and `dead-letters` ask it when they meet a message."""


@pytest.fixture(scope="module")
def env(backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment of a shop whose topics are there and whose registry is looked for where it is not."""
    client, recorded = {"bootstrap.servers": backbone.kafka}, [t for t in load_topics().values() if t.is_output]
    ensure_topics(client, load_topics().values(), prefix=PREFIX)
    ensure_recorded(client, recorded, prefix=PREFIX)
    jobs = {"/jobs/overview": (200, {"jobs": []}), "/overview": (200, {"slots-available": 4})}
    alerting, recommender, dashboard, analytics = ports.choose(4)
    with answering(jobs) as flink:
        yield (
            os.environ
            | backbone.env
            | {
                "SCHEMA_REGISTRY_URL": root(backbone.registry),
                "FLINK_REST_URL": flink,
                "ANALYTICS_TOPIC_PREFIX": PREFIX,
                # Longer than anybody waits for them here.
                "GENERATOR_CONNECT_TIMEOUT": "1h",
                "FOOTFALL_DATA_DIR": str(tmp_path_factory.mktemp("addresses")),
                "ALERTING_PORT": str(alerting),
                "RECOMMENDER_PORT": str(recommender),
                "DASHBOARD_PORT": str(dashboard),
                "ANALYTICS_PORT": str(analytics),
            }
        )


def root(url: str) -> str:
    parts = urlsplit(url)
    assert parts.path == APICURIO
    return f"{parts.scheme}://{parts.netloc}"


def test_an_address_without_its_path_is_an_error_at_once(
    backbone: Backbone, env: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "recorded.csv"
    file.write_text("1,2,3,pv,1511544070\n")
    asked = {name: [str(file) if word == "FILE" else word for word in words] for name, words in COMMANDS.items()}
    commands = {name: ["footfall_stack", *words] for name, words in asked.items()} | MODULES

    with ExitStack() as ending:
        processes = {
            name: ending.enter_context(begun(env, *words, stderr=subprocess.STDOUT)) for name, words in commands.items()
        }
        said = {name: process.communicate(timeout=PATIENCE)[0] for name, process in processes.items()}

    assert {name: process.returncode for name, process in processes.items()} == dict.fromkeys(commands, 1), said
    for name, text in said.items():
        assert f"no schema registry answers at {root(backbone.registry)}, but something else" in text, name
        assert f"set SCHEMA_REGISTRY_URL={backbone.registry}" in text, name
        assert not re.search(r"^%\d\|", text, re.MULTILINE), name
        assert "Traceback" not in text, name
