"""Log files: bounded while they are written, shown and followed.

A process writes to its file itself, opened for appending, and the supervisor shortens the file from outside: it copies
what is there to `<name>.log.1` and truncates. With a pipe through the supervisor instead, killing the supervisor would
take every process with it at its next line, and a slow disk would block them all. The price is that lines written
between copy and truncation are lost, and that nobody shortens the files while no supervisor lives.
"""

import json
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 20 * 1024 * 1024
WORDS = 200
"""Letters of a line that stands among others."""


def shorten(path: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Empty the file when it is too long, keeping its content in one file beside it; say whether it was."""
    if not path.exists() or path.stat().st_size <= max_bytes:
        return False
    shutil.copyfile(path, path.with_name(path.name + ".1"))
    with path.open("r+b") as file:
        file.truncate()
    return True


def tail(path: Path, lines: int) -> list[str]:
    """Return the last lines of a file; none when there is no file."""
    if not path.exists():
        return []
    with path.open(errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, lines)]


def last_words(path: Path) -> str:
    """Return what a process that ended said last, in one line; nothing if it has said nothing."""
    line = next((line.strip() for line in reversed(tail(path, 20)) if line.strip()), "")
    with suppress(ValueError):
        said = json.loads(line)
        if isinstance(said, dict):
            line = ": ".join(str(said[name]) for name in ("event", "reason", "error") if said.get(name))
    return line[:WORDS]


def follow(
    paths: Sequence[Path], *, done: Callable[[], bool] = lambda: False, pause: float = 0.25
) -> Iterator[tuple[Path, str]]:
    """Yield each line that is added to one of the files from now on, until `done`."""
    positions = {path: path.stat().st_size if path.exists() else 0 for path in paths}
    while True:
        last = done()
        for path in paths:
            for line in _added(path, positions):
                yield path, line
        if last:
            return
        time.sleep(pause)


def _added(path: Path, positions: dict[Path, int]) -> list[str]:
    if not path.exists():
        return []
    if path.stat().st_size < positions[path]:
        positions[path] = 0
    with path.open("rb") as file:
        file.seek(positions[path])
        whole, newline, _ = file.read().rpartition(b"\n")
    positions[path] += len(whole) + len(newline)
    return whole.decode(errors="replace").splitlines() if newline else []
