"""Plan and submit a script; run as a process by `footfall_analytics.compiling.submission`.

Reads one JSON request on standard input, `{"script": …, "options": …, "ttl": …, "plan_file": …, "before": …, "forget": …}`,
plans, and on a second line `execute` submits and prints the job's id as the last line. Ends with status 3 when the SQL or the
state make planning hopeless.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from footfall_analytics.compiling.submission import HOPELESS
from footfall_analytics.compiling.table_environment import TableEnvironment, table_environment
from footfall_analytics.planning.finished_plan import assert_columns_hold, column_names, finished
from footfall_analytics.planning.script import Script, query_of
from footfall_analytics.planning.sql_errors import refusal
from footfall_analytics.planning.sqltext import SQL_ROOT, PlanError, files_of

DECLARED = ("function", "source", "process")
"""Folders whose files are statements of the job; the others hold templates and questions."""


def declare(environment: TableEnvironment, script: Script) -> None:
    """Create the script's functions, tables and views.

    Raises:
        PlanError: Flink does not take a statement; the message names its file, the line, and what was probably meant.
    """
    for name, sql in (script.functions | script.tables).items():
        with _naming(name, set):
            environment.execute(sql)
    for name, sql in script.views.items():
        query = query_of(sql)
        with _naming(
            name, partial(_columns, environment, script.reads(name)), before=sql.removesuffix(query).count("\n")
        ):
            environment.view(name, query)


@contextmanager
def _naming(name: str, columns: Callable[[], set[str]], before: int = 0) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        written = {stem: path for kind in DECLARED for stem, path in files_of(SQL_ROOT / kind).items()}
        file = str(written[name].relative_to(SQL_ROOT)) if name in written else name
        if reason := refusal(file, str(error), written.keys() | columns(), before=before):
            raise PlanError(reason) from error
        raise


def _columns(environment: TableEnvironment, tables: Iterable[str]) -> set[str]:
    return {column for table in tables for column in column_names(environment.schema(table))}


def compile_plan(
    environment: TableEnvironment,
    script: Script,
    plan_file: Path,
    ttl: Mapping[str, str],
    before: Path | None = None,
    *,
    forget: bool = False,
) -> bool:
    """Compile the script's inserts into `plan_file`, with lifetimes on all state.

    Args:
        environment: Where the script is declared.
        script: What to compile.
        plan_file: Where to put the plan.
        ttl: Lifetimes by key column.
        before: File of the plan whose state the job takes over.
        forget: Leave behind state that does not fit any more.

    Returns:
        Whether state is left behind.

    Raises:
        PlanError: The plan is not as it must be, or the state does not fit it.
    """
    known = json.loads(before.read_text()) if before else None
    plan_file.unlink(missing_ok=True)
    published = script.inserts.keys() & script.views.keys()
    assert_columns_hold({view: (environment.schema(view), environment.schema(f"{view}_sink")) for view in published})
    plan, leaves_state = finished(json.loads(environment.compile(script.inserts.values())), ttl, known, forget=forget)
    plan_file.parent.mkdir(parents=True, exist_ok=True)
    plan_file.write_text(json.dumps(plan, indent=1))
    return leaves_state


def main() -> None:
    """Plan what the first line asks for, then wait for the second to hand it to the cluster."""
    asked = json.loads(sys.stdin.readline())
    script, plan_file = Script(**asked["script"]), Path(asked["plan_file"])
    before = Path(asked["before"]) if asked["before"] else None
    # The compiled plan holds the options of tables, passwords among them: it is for its owner alone.
    os.umask(0o077)
    environment = table_environment(asked["options"])
    try:
        declare(environment, script)
        leaves_state = compile_plan(environment, script, plan_file, asked["ttl"], before, forget=asked["forget"])
    except PlanError as error:
        print(error)
        sys.exit(HOPELESS)
    if leaves_state:
        environment.set("execution.state-recovery.ignore-unclaimed-state", "true")
    if sys.stdin.readline().strip() == "execute":
        print(environment.submit(plan_file.read_text()))


if __name__ == "__main__":
    main()
