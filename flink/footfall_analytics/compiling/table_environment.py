"""What plans SQL and hands it to the cluster: PyFlink, or the same Java beneath it where PyFlink does not exist."""

import json
import os
import subprocess
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from typing import Any, Protocol

from footfall_analytics.compiling.jvm import command

MAIN = "io.footfall.flink.submit.Planner"


class TableEnvironment(Protocol):
    """A streaming table environment."""

    def execute(self, sql: str) -> None:
        """Run a statement."""

    def view(self, name: str, query: str) -> None:
        """Put a query under a name.

        Not by CREATE VIEW, which is expanded anew wherever it is read: with correlation names of its own each time, so that
        the planner would not see that two sinks read the same join.
        """

    def schema(self, name: str) -> str:
        """Return the columns of a table or view as Flink prints them, with their types."""

    def set(self, option: str, value: str) -> None:
        """Set an option for what follows."""

    def compile(self, inserts: Collection[str]) -> str:
        """Compile INSERT statements into one job and return its plan, in JSON.

        Not by COMPILE PLAN, which writes to another folder when there is a space in the file's path.
        """

    def submit(self, compiled: str) -> str:
        """Hand a compiled plan to the cluster and return the job's id."""


def table_environment(options: Mapping[str, str]) -> TableEnvironment:
    """Return a table environment with these Flink options.

    PyFlink has no wheel for every platform (none for Linux on ARM).
    """
    return PyFlinkEnvironment(options) if find_spec("pyflink") else JavaEnvironment(options)


class PyFlinkEnvironment:
    """PyFlink's table environment."""

    def __init__(self, options: Mapping[str, str]) -> None:
        from pyflink.common import Configuration  # noqa: PLC0415
        from pyflink.table import EnvironmentSettings  # noqa: PLC0415
        from pyflink.table import TableEnvironment as FlinkEnvironment  # noqa: PLC0415

        configuration = Configuration()
        for name, value in options.items():
            configuration.set_string(name, value)
        settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
        self.environment = FlinkEnvironment.create(settings)

    def execute(self, sql: str) -> None:
        """See `TableEnvironment`."""
        self.environment.execute_sql(sql)

    def view(self, name: str, query: str) -> None:
        """See `TableEnvironment`."""
        self.environment.create_temporary_view(name, self.environment.sql_query(query))

    def schema(self, name: str) -> str:
        """See `TableEnvironment`."""
        # As text: each question about a column would be calls of its own to the JVM, a second for all.
        return str(self.environment.from_path(name).get_resolved_schema())

    def set(self, option: str, value: str) -> None:
        """See `TableEnvironment`."""
        self.environment.get_config().set(option, value)

    def compile(self, inserts: Collection[str]) -> str:
        """See `TableEnvironment`."""
        job = self.environment.create_statement_set()
        for sql in inserts:
            job.add_insert_sql(sql)
        return str(job.compile_plan().as_json_string())

    def submit(self, compiled: str) -> str:
        """See `TableEnvironment`."""
        return str(self.execute_plan(compiled).get_job_client().get_job_id())

    def execute_plan(self, compiled: str) -> Any:
        """Run a compiled plan where the environment's options say and return its result."""
        from pyflink.table import PlanReference, TableResult  # noqa: PLC0415

        # PyFlink's own execute_plan() calls a method that does not exist.
        reference = PlanReference.from_json_string(compiled)._j_plan_reference  # noqa: SLF001
        return TableResult(self.environment._j_tenv.loadPlan(reference).execute())  # noqa: SLF001


class JavaEnvironment:
    """A table environment in a Java process of its own, which ends with this one. Needs Flink's variables.

    Raises, like each of its methods:
        RuntimeError: Flink refused; the message is Java's stack trace.
    """

    def __init__(self, options: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command(dict(os.environ), MAIN), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._order(options=dict(options))

    def execute(self, sql: str) -> None:
        """See `TableEnvironment`."""
        self._order(do="execute", sql=sql)

    def view(self, name: str, query: str) -> None:
        """See `TableEnvironment`."""
        self._order(do="view", name=name, sql=query)

    def schema(self, name: str) -> str:
        """See `TableEnvironment`."""
        return str(self._order(do="schema", name=name)["schema"])

    def set(self, option: str, value: str) -> None:
        """See `TableEnvironment`."""
        self._order(do="set", option=option, value=value)

    def compile(self, inserts: Collection[str]) -> str:
        """See `TableEnvironment`."""
        return str(self._order(do="compile", inserts=list(inserts))["plan"])

    def submit(self, compiled: str) -> str:
        """See `TableEnvironment`."""
        return str(self._order(do="submit", plan=compiled)["job"])

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin  # noqa: S101  a pipe
        assert self._process.stdout  # noqa: S101  a pipe
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = (
            json.loads(line) if line else {"error": f"Java ended with status {self._process.wait()}"}
        )
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer
