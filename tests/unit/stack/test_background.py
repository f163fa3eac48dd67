"""Tests that a shell runs in the background can end what they have started as a person would."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.programs

CTRL_C = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"


def test_what_a_test_starts_heeds_ctrl_c() -> None:
    assert subprocess.run([sys.executable, "-c", CTRL_C], capture_output=True, check=True).stdout == b"True\n"


def test_it_does_so_in_the_background_too() -> None:
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", __file__]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}

    done = subprocess.run(
        ["sh", "-c", """trap '' INT; exec "$@" """, "sh", *tests, "-k", "test_what_a_test_starts"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
