"""The programs that make starts are where it looks for them."""

import os
import re
import subprocess
import sys

import pytest

from support.repository import ROOT

pytestmark = pytest.mark.programs

PROGRAMS = re.findall(r"PYTHONPATH=(\S+) \S+ -m (\S+)", (ROOT / "Makefile").read_text())


@pytest.mark.parametrize(("path", "program"), PROGRAMS, ids=[program for _, program in PROGRAMS])
def test_make_finds_the_program(path: str, program: str) -> None:
    asked = [sys.executable, "-m", program, "--help"]
    done = subprocess.run(
        asked, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: {program.rpartition('.')[2]}" in done.stdout


def test_every_program_is_started_by_make() -> None:
    programs = {path.parent.name for path in (ROOT / "tests" / "checks").glob("*/__main__.py")}

    assert {program for _, program in PROGRAMS} == {f"checks.{name}" for name in programs}
