"""The page on a shop's own events: its code, as it stands there, and what runs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from footfall_analytics.settings import REPOSITORY

from support import node
from support.markdown import blocks, tables

PATH = REPOSITORY / "docs" / "your-events.md"


def code(language: str) -> str:
    """Return the page's only block in this language."""
    (block,) = blocks(PATH.read_text(), language)
    return block


def mistakes() -> dict[str, str]:
    """Return the reasons that the page names, by field; what may be wrong with any message by the mistake."""
    return {
        row["a mistake" if row["field"] == "all" else "field"].strip("`"): row["the reason"]
        for row in tables(PATH.read_text())["field"]
    }


def run(language: str, folder: Path, env: Mapping[str, str], told: str) -> None:
    """Run the page's program in a folder of its own, with these lines as its input, to an end that must be good.

    Raises:
        LookupError: What it needs is not installed.
    """
    found = {**(node_environment() if language == "javascript" else os.environ), **env}
    command, name = ("node", "send_orders.js") if language == "javascript" else (sys.executable, "send_orders.py")
    (folder / name).write_text(code(language))
    ran = subprocess.run(
        [command, name], cwd=folder, env=found, input=told, text=True, capture_output=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def node_environment() -> dict[str, str]:
    """Return the environment in which Node finds the packages that the page needs.

    Raises:
        LookupError: There is no Node, or they are not installed; the message says what to do.
    """
    return node.environment("kafkajs", "@kafkajs/confluent-schema-registry")


def java_jars(jars: Path) -> list[Path]:
    """Return the jars against which the page's Java compiles, of those that the stack has.

    Raises:
        LookupError: One is missing.
    """
    found = [
        next(iter(jars.glob(pattern)), None)
        for pattern in ("kafka/kafka-clients-*.jar", "registry/lib/*avro.avro-*.jar")
    ]
    if None in found or shutil.which("javac") is None:
        raise LookupError("needs javac and the stack's jars: make setup")
    return [jar for jar in found if jar]
