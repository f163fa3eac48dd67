"""Plan and submit a script through PyFlink; run as a process by `footfall_flink.launch`.

Reads one JSON request on standard input, `{"script": …, "options": …, "ttl": …, "plan_file": …, "before": …, "forget": …}`,
plans, and on a second line `execute` submits and prints the job's id as the last line. Ends with status 3 when the SQL or the
state make planning hopeless.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

from footfall_flink.compiled import assert_read_once, with_bundled_aggregates, with_state_of, with_state_ttl
from footfall_flink.launch import HOPELESS
from footfall_flink.plan import Script, query_of
from footfall_flink.sqltext import PlanError


def table_environment(options: Mapping[str, str]) -> TableEnvironment:
    """Return a streaming table environment with these options."""
    configuration = Configuration()
    for name, value in options.items():
        configuration.set_string(name, value)
    settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
    return TableEnvironment.create(settings)


def declare(environment: TableEnvironment, script: Script) -> None:
    """Create the script's functions, tables and views."""
    for sql in [*script.functions.values(), *script.tables.values()]:
        environment.execute_sql(sql)
    for name, sql in script.views.items():
        # Not CREATE VIEW, which is expanded anew wherever it is read: with correlation names of its own each time, so that
        # the planner would not see that two sinks read the same join.
        environment.create_temporary_view(name, environment.sql_query(query_of(sql)))


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
    statements = script.statement_set.removeprefix("EXECUTE ")
    environment.execute_sql(f"COMPILE PLAN '{plan_file.as_uri()}' FOR {statements}")
    plan = json.loads(plan_file.read_text())
    assert_read_once(plan)
    plan = with_bundled_aggregates(with_state_ttl(plan, ttl))
    plan, leaves_state = with_state_of(plan, known, forget=forget)
    plan_file.write_text(json.dumps(plan, indent=1))
    return leaves_state


def main() -> None:
    """Plan what the first line asks for, then wait for the second to hand it to the cluster."""
    asked = json.loads(sys.stdin.readline())
    script, plan_file = Script(**asked["script"]), Path(asked["plan_file"])
    before = Path(asked["before"]) if asked["before"] else None
    plan_file.parent.mkdir(parents=True, exist_ok=True)
    # The compiled plan holds the options of tables, passwords among them: what the JVM writes is for its owner alone.
    os.umask(0o077)
    environment = table_environment(asked["options"])
    try:
        declare(environment, script)
        leaves_state = compile_plan(environment, script, plan_file, asked["ttl"], before, forget=asked["forget"])
    except PlanError as error:
        print(error)
        sys.exit(HOPELESS)
    if leaves_state:
        environment.get_config().set("execution.state-recovery.ignore-unclaimed-state", "true")
    if sys.stdin.readline().strip() == "execute":
        result = environment.execute_sql(f"EXECUTE PLAN '{plan_file.as_uri()}'")
        print(result.get_job_client().get_job_id())


if __name__ == "__main__":
    main()
