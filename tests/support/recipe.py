"""The recipe for a new metric in CONTRIBUTING.md, followed in a copy of the repository."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from support.repository import ROOT, copy_to

PAGE = ROOT / "CONTRIBUTING.md"
METRIC = "discounted_purchases"
_SECTION = re.compile(r"^## Add a metric\n(.*?)^## ", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"((?:^[^\n]+\n)+)\n( *)```(\w+)\n(.*?)^\2```$", re.MULTILINE | re.DOTALL)
"""A paragraph, and the code that follows it."""
_PATH = re.compile(r"`(\w[\w/.]*/[\w.]+\.\w+)`")
PACKAGES = ("schemas", "flink", "health", "security", "stack", "services/*")
"""Folders of our packages, which the copy's own programs must find before those that are installed."""


def steps() -> list[tuple[str, str]]:
    """Return the recipe's files as (path, text), in the order of the page; the paragraph before a text ends with its path."""
    return [(_PATH.findall(before)[-1], dedent(text)) for before, _, kind, text in _blocks() if kind != "sh"]


def shell() -> list[str]:
    """Return the commands of the recipe, one a line."""
    return [line for _, _, kind, text in _blocks() if kind == "sh" for line in dedent(text).splitlines()]


def follow(copy: Path) -> None:
    """Copy the repository and do in the copy what the page says, but for `make`, which would set the copy up first."""
    copy_to(copy)
    for name, text in steps():
        _put(copy / name, text)
    commands = [command for command in shell() if not command.startswith("make ")]
    subprocess.run(["/bin/sh", "-ec", "\n".join(commands)], cwd=copy, check=True)


def run(copy: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, with the copy's packages and the jars of this repository."""
    folders = [*(str(folder) for pattern in PACKAGES for folder in sorted(copy.glob(pattern))), str(copy / "tests")]
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    jars = os.environ.get("FOOTFALL_JARS_DIR", str(ROOT / ".footfall" / "jars"))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=known | {"PYTHONPATH": os.pathsep.join(folders), "FOOTFALL_JARS_DIR": jars} | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def _blocks() -> list[tuple[str, str, str, str]]:
    (section,) = _SECTION.findall(PAGE.read_text())
    return _BLOCK.findall(section)


def _put(path: Path, text: str) -> None:
    """Make the file; one that is there gets the text at its end, or, if it is an entry, at the head of its table."""
    before = path.read_text() if path.exists() else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    if text.startswith('"'):
        path.write_text(before.replace(" = {\n", f" = {{\n    {text}", 1))
    else:
        path.write_text(f"{before}\n\n{text}" if before else text)
