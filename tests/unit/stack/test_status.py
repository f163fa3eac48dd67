"""`footfall status` of a stack of fake processes: one line, an exit status, a document."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from footfall_health.facts import Fact
from footfall_health.observed import Observation
from footfall_stack.cli import app
from typer.testing import CliRunner

pytestmark = pytest.mark.programs

RUNNER = CliRunner()
DIES_TWICE = """
import os, pathlib, sys, time
marks = pathlib.Path(os.environ["READY"] + ".deaths")
marks.write_text(marks.read_text() + "x" if marks.exists() else "x")
if len(marks.read_text()) < 3:
    print('{"event": "crashed", "reason": "KeyError: week"}', flush=True)
    sys.exit(3)
time.sleep(600)
"""


class Run(Protocol):
    layout: Any

    def start(self, *fakes: dict[str, Any]) -> None: ...
    def wait_ready(self) -> None: ...
    def wait(self, condition: Callable[[Any], bool]) -> None: ...


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setenv("FOOTFALL_DATA_DIR", str(run.layout.data))


def status(*options: str) -> tuple[int, str]:
    done = RUNNER.invoke(app, ["status", *options])
    return done.exit_code, done.output


def begin(*arguments: str) -> "subprocess.Popen[str]":
    command, pipe = [sys.executable, "-m", "footfall_stack", *arguments], subprocess.PIPE
    return subprocess.Popen(command, env=dict(os.environ) | {"COLUMNS": "400"}, stdout=pipe, stderr=pipe, text=True)


def document() -> tuple[int, dict[str, Any]]:
    code, output = status("--json")
    return code, json.loads(output)


def test_everything_fine_is_one_line_and_status_0(run: Run, a_fake: Callable[..., dict[str, Any]]) -> None:
    run.start(a_fake("a"), a_fake("b"))
    run.wait_ready()

    code, found = document()

    assert (code, found["level"], found["line"]) == (0, "ok", "ready: everything is fine")
    assert [(fact["about"], fact["level"]) for fact in found["facts"] if fact["name"] == "process"] == [
        ("a", "ok"),
        ("b", "ok"),
    ]
    assert status()[1].splitlines()[0] == "ready: everything is fine"


def test_what_people_should_know_is_told_though_everything_is_fine(
    run: Run, a_fake: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Fact("service", "alerting", "ok", "ready; endpoints: [shop] gets nothing", caution=True)
    monkeypatch.setattr("footfall_stack.status.examine", lambda *_: (Observation(at=0.0), [known]))
    run.start(a_fake("a"))
    run.wait_ready()

    code, output = status()

    assert code == 0
    assert output.splitlines()[:2] == [
        "ready: everything is fine",
        "  note    service alerting: ready; endpoints: [shop] gets nothing",
    ]


def test_a_process_that_crashes_and_comes_back_is_told_with_its_last_words(
    run: Run, a_fake: Callable[..., dict[str, Any]]
) -> None:
    run.start(a_fake("weekly", DIES_TWICE))
    run.wait(lambda now: now.processes[0].restarts == 2 and now.processes[0].stage == "ready")

    code, found = document()

    (fact,) = [fact for fact in found["facts"] if fact["level"] != "ok"]
    assert (code, fact["name"], fact["about"], fact["level"]) == (0, "process", "weekly", "warning")
    assert "ended 2 times" in fact["detail"]
    assert fact["detail"].endswith("exit code 3; it last wrote: crashed: KeyError: week")
    assert fact["since"] == found["processes"][0]["deaths"][0]["at"]
    assert "footfall logs weekly" in status()[1]


def test_what_is_wrong_is_in_the_exit_status(run: Run, a_fake: Callable[..., dict[str, Any]]) -> None:
    run.start(a_fake("dying", "raise SystemExit(3)", ready_within=30))
    run.wait(lambda now: now.processes[0].restarts >= 2)

    code, found = document()

    assert (code, found["level"]) == (1, "wrong")
    assert found["line"].startswith("not ready: process dying: ended ")


def test_doctor_tells_the_same_of_a_shop_that_runs(run: Run, a_fake: Callable[..., dict[str, Any]]) -> None:
    run.start(a_fake("weekly", DIES_TWICE.replace("< 3", "< 4")))
    run.wait(lambda now: now.processes[0].restarts == 3 and now.processes[0].stage == "ready")

    with begin("doctor") as doctor:
        output, errors = doctor.communicate(timeout=120)

    rows = [line.split() for line in output.splitlines()]
    assert (doctor.returncode, errors) == (1, "")
    assert [row[1:5] for row in rows if row[:2] == ["no", "Shop"]] == [["Shop", "not", "ready:", "process"]]
    (told,) = (" ".join(row) for row in rows if row[:3] == ["no", "process", "weekly"])
    assert "exit code 3" in told
    assert told.endswith("`footfall logs weekly`")


def test_who_watches_is_told_again_and_again_until_ctrl_c(run: Run, a_fake: Callable[..., dict[str, Any]]) -> None:
    run.start(a_fake("a"))
    run.wait_ready()

    with begin("status", "--json", "--watch") as watching:
        assert watching.stdout is not None
        first, second = (json.loads(watching.stdout.readline()) for _ in range(2))
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=60)

    assert first["line"] == second["line"] == "ready: everything is fine"
    assert second["at"] > first["at"]
    assert (watching.returncode, errors) == (0, "")


def test_nothing_running_is_wrong_in_the_document_too(tmp_path: Path) -> None:
    code, found = document()

    assert (code, found["level"], found["facts"]) == (1, "wrong", [])
