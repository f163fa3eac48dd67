"""A data directory that will not do is one line, whatever the command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from footfall_chassis.settings import SettingsError
from footfall_stack import disk
from footfall_stack.checks import check_data
from footfall_stack.paths import SETUP_SCRIPT
from footfall_stack.settings import StackSettings

pytestmark = pytest.mark.programs

CURE = "set FOOTFALL_DATA_DIR to a folder that you may write to"
WRITERS = {
    "run": ["run", "--only", "kafka"],
    "run in the background": ["run", "--detach", "--only", "kafka"],
    "replay": ["replay", __file__],
    "sql": ["sql", "-e", "SELECT 1"],
}
UNREADABLE = (",", ":", ";", "*", "?", "[", "\\", "!")
"""What a stack was started in a folder of its name and failed, or wrote beside it; the other letters work."""
READERS = {"stop": ["stop"], "status": ["status"], "logs": ["logs"]}


def begin(data: Path | str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "footfall_stack", *arguments]
    env = os.environ | {"FOOTFALL_DATA_DIR": str(data), "COLUMNS": "400"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True)


def ask(data: Path | str, *arguments: str) -> tuple[int, str, str]:
    with begin(data, *arguments) as process:
        output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


@pytest.fixture(params=["a file", "below a file", "cannot be made"])
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.touch()
    # Nobody, not even root, makes a folder in /proc.
    return {"a file": file, "below a file": file / "data", "cannot be made": Path("/proc/footfall")}[request.param]


def test_a_command_that_writes_there_says_so_in_one_line(unusable: Path) -> None:
    processes = {name: begin(unusable, *arguments) for name, arguments in WRITERS.items()}

    for name, process in processes.items():
        output, errors = process.communicate(timeout=120)
        assert (name, process.returncode, output) == (name, 1, "")
        assert errors.count("\n") == 1, errors
        assert errors.startswith(f"footfall: {unusable}"), name
        assert errors.endswith(f"; {CURE}\n"), name


def test_a_command_that_reads_there_finds_nothing(unusable: Path) -> None:
    processes = {name: begin(unusable, *arguments) for name, arguments in READERS.items()}

    for name, process in processes.items():
        _, errors = process.communicate(timeout=120)
        assert "Traceback" not in errors, name
        assert process.returncode in {0, 1}, name


def test_doctor_names_the_cure(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    status, output, errors = ask(file, "doctor")

    (line,) = (line for line in output.splitlines() if line.split()[1] == "Data")
    assert (status, errors) == (1, "")
    assert line.split()[0] == "no"
    assert f"{file} is not a folder" in line
    assert line.rstrip().endswith(CURE)


def test_a_folder_that_is_or_can_be_made_is_fine(tmp_path: Path) -> None:
    assert check_data(tmp_path).ok
    assert check_data(tmp_path / "new" / "er").ok


@pytest.mark.parametrize("letter", [*UNREADABLE, "\n", "\t"])
@pytest.mark.parametrize("variable", ["FOOTFALL_DATA_DIR", "FOOTFALL_JARS_DIR"])
def test_a_name_that_java_or_kafka_cannot_read_is_refused(
    letter: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / f"a{letter}" / "b"
    monkeypatch.setenv(variable, str(folder))

    with pytest.raises(SettingsError) as caught:
        StackSettings.load()
    assert str(caught.value).startswith(f"{variable}: ")
    assert f"{str(folder)!r} has a {letter!r} in it" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_other_letter_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a!b\"c$d&e'f(g)h+j<k=l>m@p]q^s`t{u|v}w~x#y%20 z" / "ü"
    monkeypatch.setenv("FOOTFALL_DATA_DIR", str(folder))

    assert StackSettings.load().footfall_data_dir == folder


def test_a_home_of_nobody_is_one_line() -> None:
    status, _, errors = ask("~nobody-of-this-name/x", "status")

    assert (status, errors.count("\n")) == (2, 1)
    assert errors.startswith("FOOTFALL_DATA_DIR: ")


def test_an_error_about_something_else_is_none_of_the_data_directorys(tmp_path: Path) -> None:
    elsewhere = FileNotFoundError(2, "No such file or directory", "/elsewhere/file")

    assert disk.explain(elsewhere, tmp_path) is None
    assert disk.explain(OSError("no file at all"), tmp_path) is None


@pytest.mark.parametrize("letter", UNREADABLE)
def test_a_checkout_that_java_cannot_read_is_not_set_up(letter: str, tmp_path: Path) -> None:
    checkout = tmp_path / f"a{letter}"
    (checkout / "stack").mkdir(parents=True)
    shutil.copy(SETUP_SCRIPT, checkout / "stack")

    done = subprocess.run([checkout / "stack" / "setup.sh"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith(f"setup: {checkout} has one of ")
    assert [path.name for path in checkout.iterdir()] == ["stack"]
