"""Replay a recorded file: publish it to topics of its own, compute it in a job of its own, beside what is live."""

import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PREFIX = "replay-"


def replay(file: Path, options: Sequence[str], *, paced: bool, live: bool) -> int:
    """Run the commands that make up a replay and return the first exit status that is not 0.

    Args:
        file: The recorded events.
        options: Options of `footfall publish`.
        paced: Whether events keep their distances: then the job runs while they are published.
        live: Publish to the live topics instead, where everything older than now is late.
    """
    publish = ["publish", str(file), *options]
    if live:
        return _run(publish)
    run = f"{PREFIX}{secrets.token_hex(3)}-"
    commands = [
        ["backfill", run, "--stage", "create"],
        *([["backfill", run, "--stage", "start"]] if paced else []),
        [*publish, "--topic-prefix", run],
        ["backfill", run, "--stage", "drain" if paced else "run"],
    ]
    for command in commands:
        if status := _run(command):
            return status
    return 0


def _run(arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "footfall_stack", *arguments], check=False).returncode
