"""Run planned scripts to their end in one JVM, without a cluster. A process of its own, since it needs Flink's variables.

Reads a JSON list of requests on standard input, and writes one line for each: empty, or why it failed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from footfall_analytics.compiling.submission import reasons
from footfall_analytics.compiling.submit import compile_plan, declare
from footfall_analytics.compiling.table_environment import PyFlinkEnvironment
from footfall_analytics.planning.script import Script


def run(request: dict[str, Any]) -> None:
    """Plan as for a cluster, and wait for the job's end."""
    script, plan_file = Script(**request["script"]), Path(request["plan_file"])
    environment = PyFlinkEnvironment(request["options"])
    declare(environment, script)
    compile_plan(environment, script, plan_file, request["ttl"])
    environment.execute_plan(plan_file.read_text()).wait()


def main() -> None:
    """Run what standard input asks for."""
    for request in json.loads(sys.stdin.read()):
        try:
            run(request)
            answer = ""
        except Exception as error:
            answer = reasons(str(error)) or repr(error)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
