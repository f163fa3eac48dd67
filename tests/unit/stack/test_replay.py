"""Which commands a replay is made of, and what a failed one leaves behind."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from footfall_stack.replay import replay


class Recorder:
    """Runs nothing; the command that contains `failing` fails."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.commands: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> int:
        self.commands.append(list(arguments))
        return 3 if self.failing and self.failing in arguments else 0

    @property
    def steps(self) -> list[str]:
        return [command[3] if command[0] == "backfill" else command[0] for command in self.commands]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.touch()
    return path


@pytest.mark.parametrize(
    ("paced", "steps"),
    [(False, ["create", "publish", "run"]), (True, ["create", "start", "publish", "drain"])],
)
def test_a_paced_replay_is_computed_while_it_is_published(file: Path, paced: bool, steps: list[str]) -> None:  # noqa: FBT001
    run = Recorder()

    assert replay(file, [], paced=paced, live=False, run=run) == 0

    assert run.steps == steps
    prefixes = {word for command in run.commands for word in command if word.startswith("replay-")}
    assert len(prefixes) == 1


def test_live_only_publishes(file: Path) -> None:
    run = Recorder()

    assert replay(file, ["--order", "file"], paced=False, live=True, run=run) == 0

    assert run.commands == [["publish", str(file), "--order", "file"]]


def test_a_failure_is_cleaned_up_and_told(file: Path) -> None:
    run = Recorder(failing="publish")

    assert replay(file, [], paced=True, live=False, run=run) == 3

    assert run.steps == ["create", "start", "publish", "delete"]


def test_a_missing_file_is_named_before_anything_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Recorder()

    assert replay(tmp_path / "absent.csv", [], paced=False, live=False, run=run) == 2

    assert run.commands == []
    assert "absent.csv: no such file" in capsys.readouterr().err
