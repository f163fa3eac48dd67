"""Plan and submit a script; run as a process by `footfall_analytics.launch`.

Reads one JSON request on standard input, `{"script": …, "options": …, "ttl": …, "plan_file": …, "before": …, "forget": …}`,
plans, and on a second line `execute` submits and prints the job's id as the last line. Ends with status 3 when the SQL or the
state make planning hopeless.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from footfall_schemas.topics import Json

from footfall_analytics import exact, widths
from footfall_analytics.compiled_plan import assert_read_once, with_bundled_aggregates, with_state_of, with_state_ttl
from footfall_analytics.launch import HOPELESS
from footfall_analytics.plan import Script, query_of
from footfall_analytics.sqltext import PlanError
from footfall_analytics.sqltypes import columns_of_text
from footfall_analytics.table_environment import Planner, planner


def declare(planner: Planner, script: Script) -> None:
    """Create the script's functions, tables and views."""
    for sql in [*script.functions.values(), *script.tables.values()]:
        planner.execute(sql)
    for name, sql in script.views.items():
        planner.view(name, query_of(sql))


def compile_plan(
    planner: Planner,
    script: Script,
    plan_file: Path,
    ttl: Mapping[str, str],
    before: Path | None = None,
    *,
    forget: bool = False,
) -> bool:
    """Compile the script's inserts into `plan_file`, with lifetimes on all state.

    Args:
        planner: Where the script is declared.
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
    assert_columns_hold(planner, script)
    plan = json.loads(planner.compile(script.inserts.values()))
    assert_read_once(plan)
    assert_exact(plan)
    plan = with_bundled_aggregates(with_state_ttl(plan, ttl))
    plan, leaves_state = with_state_of(plan, known, forget=forget)
    plan_file.parent.mkdir(parents=True, exist_ok=True)
    plan_file.write_text(json.dumps(plan, indent=1))
    return leaves_state


def assert_columns_hold(planner: Planner, script: Script) -> None:
    """See that each topic's columns hold what its view selects; Flink would cast it to them.

    Raises:
        PlanError: A column is narrower; the message names it, both types and the cure.
    """
    _refuse(
        f"view {view}, {misfit}"
        for view in script.inserts
        if view in script.views
        for misfit in widths.misfits(
            columns_of_text(planner.schema(view)), columns_of_text(planner.schema(f"{view}_sink"))
        )
    )


def assert_exact(plan: Json) -> None:
    """See that nothing is computed with fewer digits than it has.

    Raises:
        PlanError: Flink has cut a type; the message names the views, the computation and the cure.
    """
    _refuse(f"view {loss}" for loss in exact.losses(plan))


def _refuse(complaints: Iterable[str]) -> None:
    if found := list(complaints):
        raise PlanError("numbers would be rounded or rows dropped without a trace:\n" + "\n".join(found))


def main() -> None:
    """Plan what the first line asks for, then wait for the second to hand it to the cluster."""
    asked = json.loads(sys.stdin.readline())
    script, plan_file = Script(**asked["script"]), Path(asked["plan_file"])
    before = Path(asked["before"]) if asked["before"] else None
    # The compiled plan holds the options of tables, passwords among them: it is for its owner alone.
    os.umask(0o077)
    environment = planner(asked["options"])
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
