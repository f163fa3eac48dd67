"""A broker that does not answer is named by every command, in one line and soon; its client prints nothing of its own."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from footfall_stack import ports

from support.answering import answering
from support.programs import begun

pytestmark = pytest.mark.programs

BROKER = "127.0.0.1:1"
COMMANDS = {
    "tail": ["tail", "revenue_per_minute", "--no-follow"],
    "follow": ["tail", "revenue_per_minute"],
    "sql": ["sql", "--batch", "-e", "SELECT * FROM clickstream"],
    "sql client": ["sql"],
    "dead letters": ["dead-letters", "list"],
    "retry": ["dead-letters", "retry", "--all"],
    "generate": ["generate", "--events", "1"],
    "create": ["backfill", "a-", "--stage", "create"],
    "backfill": ["backfill"],
    "recorded": ["postgres", "recorded"],
    "secure": ["secure", "apply"],
}
AWAY = re.compile(
    rf"footfall: the broker at {re.escape(BROKER)} does not answer \([^\n]*Connection refused\); [^\n]*\n"
)
"""All that is said, and nothing of librdkafka's own."""
PATIENCE = 300.0
"""Seconds for all of them at once on a very busy machine; each waits ten for the broker."""


@pytest.fixture
def env(tmp_path: Path) -> Iterator[dict[str, str]]:
    passwords = tmp_path / "secure" / "passwords"
    passwords.mkdir(parents=True)
    for name in ("kafka", "admin", "generator", "analytics", "alerting", "recommender", "dashboard", "exporter"):
        (passwords / name).write_text("hush")
    answers = {
        "/schemas/types": (200, ["AVRO"]),
        "/subjects": (200, []),
        "/jobs/overview": (200, {"jobs": []}),
        "/overview": (200, {"slots-available": 4}),
    }
    with answering(answers) as url:
        yield os.environ | {
            "KAFKA_BOOTSTRAP_SERVERS": BROKER,
            "SCHEMA_REGISTRY_URL": url,
            "FLINK_REST_URL": url,
            "FOOTFALL_DATA_DIR": str(tmp_path),
            "GENERATOR_CONNECT_TIMEOUT": "1s",
        }


def test_a_broker_that_does_not_answer_is_named_by_every_command(env: dict[str, str]) -> None:
    with ExitStack() as ending:
        processes = {
            name: ending.enter_context(begun(env, "footfall_stack", *arguments)) for name, arguments in COMMANDS.items()
        }
        said = {name: process.communicate(timeout=PATIENCE)[1] for name, process in processes.items()}

    assert {name: process.returncode for name, process in processes.items()} == dict.fromkeys(COMMANDS, 1)
    for name, errors in said.items():
        assert AWAY.fullmatch(errors), (name, errors)


@pytest.mark.parametrize("name", ["alerting", "recommender", "dashboard"])
def test_a_service_that_waits_for_the_broker_says_so_and_its_client_nothing(name: str, env: dict[str, str]) -> None:
    (port,) = ports.choose(1)

    with begun(env | {f"{name.upper()}_PORT": str(port)}, f"footfall_{name}") as service:
        assert service.stdout is not None
        said = next((line for line in service.stdout if BROKER in line), "")
        service.terminate()
        _, errors = service.communicate(timeout=PATIENCE)

    assert "Connection refused" in said
    assert errors == ""
