"""Keeps the job that fills PostgreSQL, beside the analytics job and whatever becomes of the database."""

import threading
from datetime import timedelta

import structlog
from footfall_schemas.errors import PermanentError

from footfall_analytics.database import Database
from footfall_analytics.postgres.ddl import wanted
from footfall_analytics.postgres.script import build_postgres_script
from footfall_analytics.postgres.tables import DatabaseError, create_tables, make_reader
from footfall_analytics.running.job_supervisor import JobSupervisor
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings

CHECKPOINT_INTERVAL = timedelta(seconds=10)
"""Rows are written once a second whatever this is; it says how many are written again after a crash."""
LONGEST_PAUSE = 30.0
"""Seconds between two attempts at the tables."""

log = structlog.get_logger()


class PostgresWriter:
    """A thread that makes the tables and, if results go there, keeps a job of its own; `stop` ends it with a savepoint.

    Args:
        settings: Settings of analytics; the job's own are derived from them.
        rest: The cluster.
    """

    def __init__(self, settings: AnalyticsSettings, rest: FlinkRest) -> None:
        self._settings = job_settings(settings)
        self._supervisor = JobSupervisor(self._settings, build_postgres_script(self._settings), rest)
        self._fills_tables = "postgres" in settings.sinks
        self._thread = threading.Thread(target=self._run, name="postgres")

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; returns at once."""
        self._supervisor.stopping.set()

    def join(self) -> None:
        """Wait for the end."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        if self._settings.postgres_create_tables:
            self._create_tables()
        if self._fills_tables and not self._supervisor.stopping.is_set():
            try:
                self._supervisor.run()
            except PermanentError as error:
                log.error("no results go to PostgreSQL", reason=str(error))  # noqa: TRY400

    def _create_tables(self) -> None:
        pause = 1.0
        while not self._supervisor.stopping.is_set():
            try:
                tables = create_tables(
                    Database.of(self._settings), self._settings.postgres_schema, wanted(self._settings)
                )
            except DatabaseError as error:
                log.warning("tables not created", reason=str(error), next_try_in_seconds=pause)
                self._supervisor.stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                log.info("tables ready", schema=self._settings.postgres_schema, tables=len(tables))
                self._make_reader()
                return

    def _make_reader(self) -> None:
        """Make who only reads; where that may not be done, results go on without."""
        if (reader := self._settings.reader) is None:
            return
        database, schema = Database.of(self._settings), self._settings.postgres_schema
        try:
            make_reader(database, schema, wanted(self._settings), reader)
        except DatabaseError as error:
            log.warning("no role that only reads", reason=str(error), cure="docs/postgres.md#somebody-who-only-reads")


def job_settings(settings: AnalyticsSettings) -> AnalyticsSettings:
    """Return the settings of the job that fills PostgreSQL: one slot, state and a name of its own."""
    return settings.model_copy(
        update={
            "job_name": f"{settings.job_name}-postgres",
            "parallelism": 1,
            "source_parallelism": 1,
            "checkpoint_interval": CHECKPOINT_INTERVAL,
            "data_dir": settings.data_dir / "flink-postgres",
        }
    )
