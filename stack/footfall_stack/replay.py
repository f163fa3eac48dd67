"""Replay a recorded file: publish it to topics of its own, compute it in a job of its own, beside what is live."""

import secrets
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from footfall_stack import lock
from footfall_stack.paths import Layout

PREFIX = "replay-"
INTERRUPTED = 130
"""Exit status that shells give Ctrl-C."""
TWO_AT_ONCE = "Another replay is running (pid {pid}), and the results would mix: wait for it to end, or stop it."

Run: TypeAlias = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class Replay:
    """What is to be replayed, and how."""

    file: Path
    """The recorded events."""
    options: Sequence[str] = ()
    """Options of `footfall publish`."""
    categories: Path | None = None
    """Categories that the events are in, in place of the shop's."""
    paced: bool = False
    """Events keep their distances: the job runs while they are published."""
    in_order: bool = False
    """Events are published in order of their time, so that none may be late."""
    keep_recorded: bool = False
    """Add to the results of earlier replays, which are deleted otherwise."""

    @property
    def publish(self) -> list[str]:
        """The command that publishes the events."""
        categories = ["--categories", str(self.categories)] if self.categories else []
        return ["publish", str(self.file), *self.options, *categories]


def run_command(arguments: Sequence[str]) -> int:
    """Run a `footfall` command and return its exit status."""
    return subprocess.run([sys.executable, "-m", "footfall_stack", *arguments], check=False).returncode


def replay_live(asked: Replay, run: Run = run_command) -> int:
    """Publish the events to the live topics, where everything older than now is late; return the exit status."""
    return run(asked.publish)


def replay(asked: Replay, layout: Layout, run: Run = run_command) -> int:
    """Run the commands that make up a replay and return the first exit status that is not 0.

    Args:
        asked: The replay.
        layout: Where the stack is that computes it.
        run: Runs one command.

    Raises:
        AlreadyRunningError: Another replay goes on.
    """
    if not asked.file.is_file():
        print(f"footfall: {asked.file}: no such file", file=sys.stderr)
        return 2
    layout.create()
    with lock.held(layout.replay_lock, TWO_AT_ONCE):
        prefix = f"{PREFIX}{secrets.token_hex(3)}-"
        keep = ["--keep-recorded"] if asked.keep_recorded else []
        # A run that has begun has emptied what was recorded before: first see that there is something to replay.
        if asked.paced and (status := run([*asked.publish, "--check"])):
            return status
        create, *others = _commands(asked, prefix, keep)
        if status := run(create):
            return status
        try:
            for command in others:
                if status := run(command):
                    break
        except KeyboardInterrupt:
            status = INTERRUPTED
        if status:
            # What was computed so far is no result: a run that was not completed leaves nothing behind.
            run(["backfill", prefix, "--stage", "delete", *keep])
        return status


def _commands(asked: Replay, prefix: str, keep: list[str]) -> list[list[str]]:
    def stage(name: str, *options: str) -> list[str]:
        return ["backfill", prefix, "--stage", name, *options]

    publish = [*asked.publish, "--topic-prefix", prefix]
    order = ["--in-order"] if asked.in_order else []
    create = stage("create", *(["--own-categories"] if asked.categories else []))
    if asked.paced:
        return [create, stage("start", *keep), publish, stage("drain", *order)]
    return [create, publish, stage("run", *keep, *order)]
