"""Replay a recorded file: publish it to topics of its own, compute it in a job of its own, beside what is live."""

import secrets
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PREFIX = "replay-"


def run_command(arguments: Sequence[str]) -> int:
    """Run a `footfall` command and return its exit status."""
    return subprocess.run([sys.executable, "-m", "footfall_stack", *arguments], check=False).returncode


def replay(
    file: Path,
    options: Sequence[str],
    *,
    paced: bool,
    live: bool,
    run: Callable[[Sequence[str]], int] = run_command,
) -> int:
    """Run the commands that make up a replay and return the first exit status that is not 0.

    Args:
        file: The recorded events.
        options: Options of `footfall publish`.
        paced: Whether events keep their distances: then the job runs while they are published.
        live: Publish to the live topics instead, where everything older than now is late.
        run: Runs one command.
    """
    publish = ["publish", str(file), *options]
    if live:
        return run(publish)
    if not file.is_file():
        print(f"footfall: {file}: no such file", file=sys.stderr)
        return 2
    prefix = f"{PREFIX}{secrets.token_hex(3)}-"
    before = [["backfill", prefix, "--stage", "create"]]
    if paced:
        before.append(["backfill", prefix, "--stage", "start"])
    for command in (*before, [*publish, "--topic-prefix", prefix]):
        if status := run(command):
            # What was published so far is no result: a run that was not completed leaves nothing behind.
            run(["backfill", prefix, "--stage", "delete"])
            return status
    return run(["backfill", prefix, "--stage", "drain" if paced else "run"])
