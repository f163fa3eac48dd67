"""Run statements in a Flink of their own: one process that holds the whole cluster and ends with the question."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeAlias

from footfall_schemas.errors import PermanentError
from footfall_schemas.topics import load_topics

from footfall_analytics.adhoc.catalog import declarations
from footfall_analytics.adhoc.options import log_file, query_options
from footfall_analytics.compiling.jvm import command, environment
from footfall_analytics.planning.connections import without_secrets
from footfall_analytics.planning.sql_errors import hint
from footfall_analytics.settings import AnalyticsSettings

MAIN = "io.footfall.flink.adhoc.Statements"
PAUSE = 0.5
"""Seconds without an answer that count as a pause."""
GRACE = 5.0
"""Seconds the process may take to end when it is told to."""
_UNKNOWN_TABLE = re.compile(r"Object '(\w+)' not found")


class QueryError(PermanentError):
    """A statement was not answered; the message is Flink's reason."""


@dataclass(frozen=True)
class Columns:
    """A result begins."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row of the result that began last, and what happened to it: +I, -U, +U or -D."""

    change: str
    values: tuple[Any, ...]


Answer: TypeAlias = Columns | Row | None
"""None says that nothing has come for a while."""


def answers(
    settings: AnalyticsSettings,
    statements: Sequence[str],
    *,
    bounded: bool,
    recorded: bool = False,
    limit: int = 0,
    timeout: float | None = None,
) -> Iterator[Answer]:
    """Yield what the statements answer, as it comes.

    Args:
        settings: Where the streams are.
        statements: Statements over the tables of `catalog`.
        bounded: Take what the topics hold now and end; else go on with what comes.
        recorded: Of every output, take what replays have computed instead of what is live.
        limit: How many rows to take of each result; 0 takes all.
        timeout: Seconds after which to stop; None goes on.

    Raises:
        QueryError: A statement failed, or a bounded one was not answered in time.
        FlinkHomeError: Java, PyFlink or the connector jars are missing.
    """
    asked = {
        "options": query_options(settings),
        "batch": bounded,
        "setup": declarations(settings, bounded=bounded, recorded=recorded),
        "statements": list(statements),
        "limit": limit,
    }
    deadline = None if timeout is None else monotonic() + timeout
    with _process(settings) as process:
        _write(process, json.dumps(asked) + "\n")
        for line in _lines(process):
            if line is not None:
                yield _answer(json.loads(line), several=len(statements) > 1)
            elif deadline is None or monotonic() < deadline:
                yield None
            if deadline and monotonic() >= deadline:
                if bounded:
                    raise QueryError(f"no complete answer within {timeout:g} s")
                return
        if process.wait() != 0:
            raise QueryError(f"Flink ended unexpectedly (exit code {process.returncode}); see {log_file(settings)}")


@contextmanager
def _process(settings: AnalyticsSettings) -> "Iterator[subprocess.Popen[str]]":
    variables = environment(settings)
    with log_file(settings).open("w") as log:
        process = subprocess.Popen(
            command(variables, MAIN),
            # Ends the process when it closes, however this one ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=variables,
            encoding="utf-8",
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(BrokenPipeError):
            process.communicate()


def _write(process: "subprocess.Popen[str]", line: str) -> None:
    if process.stdin is None:
        raise ValueError("the process has no standard input")
    with suppress(BrokenPipeError):  # it has ended; its exit code says so
        process.stdin.write(line)
        process.stdin.flush()


def _lines(process: "subprocess.Popen[str]") -> Iterator[str | None]:
    """Yield the lines of the process until it ends, None whenever there is a pause."""
    found: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            found.put(line)
        found.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = found.get(timeout=PAUSE)
        except Empty:
            yield None
            continue
        if line is None:
            return
        yield line


def _answer(answer: Any, *, several: bool) -> Columns | Row:
    if isinstance(answer, list):
        return Row(answer[0], tuple(_shown(value) for value in answer[1:]))
    if "columns" in answer:
        return Columns(tuple(answer["columns"]))
    place = f"statement {answer['statement']}: " if several and answer["statement"] else ""
    raise QueryError(place + answer["error"] + _hint(answer["error"]))


def _shown(value: Any) -> Any:
    # What SHOW CREATE TABLE answers has the table's options, the credentials among them.
    return without_secrets(value) if isinstance(value, str) and value.startswith("CREATE ") else value


def _hint(error: str) -> str:
    """Return what helps against an unknown table."""
    if not (unknown := _UNKNOWN_TABLE.search(error)):
        return ""
    return hint(unknown[1], (topic.view for topic in load_topics().values())) or "; SHOW TABLES lists the tables"
