"""A Java that will not do is told in the same line by setting up, by doctor and by a start."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from footfall_stack.paths import SETUP_SCRIPT

pytestmark = pytest.mark.programs

OLD = "#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n"
NEW = "#!/bin/sh\necho 'openjdk version \"17.0.15\"' >&2\n"
SILENT = "#!/bin/sh\nexit 1\n"
ANOTHER = "set JAVA_HOME to a JDK of version 17 or newer, or unset it"
INSTALL = "install it with `sudo apt install openjdk-17-jdk-headless` or `brew install openjdk@17`"


def java_home(folder: Path, **programs: str) -> Path:
    home = folder / "a jdk"
    (home / "bin").mkdir(parents=True)
    for name, text in programs.items():
        (home / "bin" / name).write_text(text)
        (home / "bin" / name).chmod(0o755)
    return home


def ask(*command: str | Path, **env: str) -> "subprocess.CompletedProcess[str]":
    # What makes no difference here takes long.
    return subprocess.run(command, env=os.environ | env, capture_output=True, text=True, check=False, timeout=120)


def setup(**env: str) -> "subprocess.CompletedProcess[str]":
    return ask(SETUP_SCRIPT, **env)


def footfall(*arguments: str, data: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    return ask(sys.executable, "-m", "footfall_stack", *arguments, FOOTFALL_DATA_DIR=str(data), COLUMNS="400", **env)


@pytest.mark.parametrize(
    ("programs", "wrong"),
    [
        ({}, "JAVA_HOME={home} has no bin/java"),
        ({"java": OLD}, "{home}/bin/java is version 11, but 17 or newer is needed"),
        ({"java": SILENT}, "{home}/bin/java does not print its version"),
        ({"java": NEW}, "{home}/bin/java comes without a compiler (javac)"),
    ],
    ids=["none", "old", "silent", "no compiler"],
)
def test_a_wrong_java_home_has_one_answer(programs: dict[str, str], wrong: str, tmp_path: Path) -> None:
    home = java_home(tmp_path, **programs)
    wrong = wrong.format(home=home)

    set_up, doctor = setup(JAVA_HOME=str(home)), footfall("doctor", data=tmp_path / "data", JAVA_HOME=str(home))

    assert (set_up.returncode, set_up.stdout, set_up.stderr) == (1, "", f"setup: {wrong}: {ANOTHER}\n")
    (line,) = (line for line in doctor.stdout.splitlines() if "Java" in line or "JAVA_HOME" in line)
    assert doctor.returncode == 1
    assert line.split()[:2] == ["no", "Java"]
    assert wrong in line
    assert ANOTHER in line


def test_a_start_and_a_question_name_a_wrong_java_home(tmp_path: Path) -> None:
    home = java_home(tmp_path)
    wrong = f"JAVA_HOME={home} has no bin/java"

    start = footfall("run", "--only", "registry", data=tmp_path / "data", JAVA_HOME=str(home))
    question = footfall("sql", "-e", "SELECT 1", data=tmp_path / "data", JAVA_HOME=str(home))

    assert (start.returncode, start.stderr) == (1, f"footfall: {wrong}: {ANOTHER}\n")
    assert (question.returncode, question.stderr) == (1, f"footfall: {wrong}; `footfall doctor` says how to fix it\n")


def test_without_java_home_the_path_is_looked_at_and_the_cure_is_to_install(tmp_path: Path) -> None:
    bash = Path(shutil.which("bash") or "")
    programs = java_home(tmp_path, java=OLD) / "bin"
    for name in (bash.name, "sh", "dirname", "sed"):
        (programs / name).symlink_to(shutil.which(name) or "")
    (programs / "python3").symlink_to(sys.executable)

    answer = setup(JAVA_HOME="", PATH=str(programs))

    assert answer.stderr == f"setup: {programs}/java is version 11, but 17 or newer is needed: {INSTALL}\n"
