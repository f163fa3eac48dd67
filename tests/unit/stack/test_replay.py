"""Which commands a replay is made of, and what a failed one leaves behind."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from footfall_stack import lock
from footfall_stack.paths import Layout
from footfall_stack.replay import INTERRUPTED, Replay, replay, replay_live


class Recorder:
    """Runs nothing; the command that contains `failing` fails, or is interrupted."""

    def __init__(self, failing: str = "", *, interrupted: bool = False) -> None:
        self.failing = failing
        self.interrupted = interrupted
        self.commands: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> int:
        self.commands.append(list(arguments))
        if not (self.failing and self.failing in arguments):
            return 0
        if self.interrupted:
            raise KeyboardInterrupt
        return 3

    @property
    def steps(self) -> list[str]:
        return [command[3] if command[0] == "backfill" else command[0] for command in self.commands]

    def options(self, step: str) -> list[str]:
        return self.commands[self.steps.index(step)][4:]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.touch()
    return path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data")


@pytest.mark.parametrize(
    ("paced", "steps"),
    [(False, ["create", "publish", "run"]), (True, ["publish", "create", "start", "publish", "drain"])],
)
def test_a_paced_replay_is_computed_while_it_is_published(
    file: Path,
    layout: Layout,
    paced: bool,  # noqa: FBT001
    steps: list[str],
) -> None:
    run = Recorder()

    assert replay(Replay(file, paced=paced), layout, run) == 0

    assert run.steps == steps
    prefixes = {word for command in run.commands for word in command if word.startswith("replay-")}
    assert len(prefixes) == 1


def test_a_paced_replay_of_what_cannot_be_read_begins_nothing(file: Path, layout: Layout) -> None:
    run = Recorder(failing="--check")

    assert replay(Replay(file, ["--order", "file"], paced=True), layout, run) == 3

    assert run.commands == [["publish", str(file), "--order", "file", "--check"]]


def test_categories_come_in_a_topic_of_the_replays_own(file: Path, layout: Layout) -> None:
    plain, asked = Recorder(), Recorder()

    replay(Replay(file), layout, plain)
    replay(Replay(file, categories=Path("c.csv")), layout, asked)

    assert plain.options("create") == []
    assert asked.options("create") == ["--own-categories"]
    (publish,) = (command for command in asked.commands if command[0] == "publish")
    assert publish[2:4] == ["--categories", "c.csv"]
    assert publish[4] == "--topic-prefix"


def test_live_only_publishes(file: Path) -> None:
    run = Recorder()

    assert replay_live(Replay(file, ["--order", "file"]), run) == 0

    assert run.commands == [["publish", str(file), "--order", "file"]]


@pytest.mark.parametrize(("paced", "begins", "ends"), [(False, "run", "run"), (True, "start", "drain")])
def test_what_was_recorded_is_kept_where_the_run_begins_and_order_is_looked_at_where_it_ends(
    file: Path,
    layout: Layout,
    paced: bool,  # noqa: FBT001
    begins: str,
    ends: str,
) -> None:
    plain, asked = Recorder(), Recorder()

    replay(Replay(file, paced=paced), layout, plain)
    replay(Replay(file, paced=paced, keep_recorded=True, in_order=True), layout, asked)

    assert plain.options(begins) == plain.options(ends) == []
    assert "--keep-recorded" in asked.options(begins)
    assert "--in-order" in asked.options(ends)


@pytest.mark.parametrize(("failing", "last"), [("publish", ["publish", "delete"]), ("run", ["run", "delete"])])
def test_a_failure_is_cleaned_up_and_told(file: Path, layout: Layout, failing: str, last: list[str]) -> None:
    run = Recorder(failing=failing)

    assert replay(Replay(file, keep_recorded=True), layout, run) == 3

    assert run.steps[-2:] == last
    assert run.options("delete") == ["--keep-recorded"]


def test_where_nothing_could_begin_there_is_nothing_to_clean_up(file: Path, layout: Layout) -> None:
    run = Recorder(failing="create")

    assert replay(Replay(file), layout, run) == 3

    assert run.steps == ["create"]


def test_an_interruption_leaves_nothing_behind(file: Path, layout: Layout) -> None:
    run = Recorder(failing="run", interrupted=True)

    assert replay(Replay(file), layout, run) == INTERRUPTED

    assert run.steps == ["create", "publish", "run", "delete"]


def test_a_second_replay_is_refused_while_one_goes_on(file: Path, layout: Layout) -> None:
    layout.create()
    run = Recorder()

    with (
        lock.held(layout.replay_lock),
        pytest.raises(lock.AlreadyRunningError, match=r"^Another replay is running \(pid \d+\)"),
    ):
        replay(Replay(file), layout, run)

    assert run.commands == []
    assert replay(Replay(file), layout, run) == 0


def test_a_missing_file_is_named_before_anything_is_done(
    tmp_path: Path, layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Recorder()

    assert replay(Replay(tmp_path / "absent.csv"), layout, run) == 2

    assert run.commands == []
    assert "absent.csv: no such file" in capsys.readouterr().err
