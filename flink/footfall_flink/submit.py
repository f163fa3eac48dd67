"""Submit a planned script through PyFlink; a process of its own, since the gateway JVM should not outlive it.

Reads one JSON request on standard input, `{"script": …, "options": …, "ttl": …, "plan_file": …}`, and prints the job's id
as the last line.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment

from footfall_flink.compiled import with_bundled_aggregates, with_state_ttl
from footfall_flink.plan import Script


def table_environment(options: Mapping[str, str]) -> TableEnvironment:
    """Return a streaming table environment with these options."""
    configuration = Configuration()
    for name, value in options.items():
        configuration.set_string(name, value)
    settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
    return TableEnvironment.create(settings)


def declare(environment: TableEnvironment, script: Script) -> None:
    """Create the script's tables and views."""
    for sql in [*script.tables.values(), *script.views.values()]:
        environment.execute_sql(sql)


def compile_plan(environment: TableEnvironment, script: Script, plan_file: Path, ttl: Mapping[str, str]) -> None:
    """Compile the script's inserts into `plan_file`, with lifetimes on all state."""
    plan_file.parent.mkdir(parents=True, exist_ok=True)
    plan_file.unlink(missing_ok=True)
    statements = script.statement_set.removeprefix("EXECUTE ")
    environment.execute_sql(f"COMPILE PLAN '{plan_file.as_uri()}' FOR {statements}")
    plan = with_bundled_aggregates(with_state_ttl(json.loads(plan_file.read_text()), ttl))
    plan_file.write_text(json.dumps(plan, indent=1))


def submit(script: Script, options: Mapping[str, str], ttl: Mapping[str, str], plan_file: Path) -> str:
    """Start the job and return its id as soon as the cluster has accepted it."""
    environment = table_environment(options)
    declare(environment, script)
    compile_plan(environment, script, plan_file, ttl)
    result = environment.execute_sql(f"EXECUTE PLAN '{plan_file.as_uri()}'")
    return str(result.get_job_client().get_job_id())


def main() -> None:
    """Submit what standard input asks for."""
    asked = json.load(sys.stdin)
    print(submit(Script(**asked["script"]), asked["options"], asked["ttl"], Path(asked["plan_file"])))


if __name__ == "__main__":
    main()
