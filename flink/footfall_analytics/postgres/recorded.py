"""Fill tables with the recorded results: once, at the end of a replay, by a job that ends.

A replay begins by emptying its topics, which a job that goes on reading them would not hear of: the tables are emptied and
filled anew instead, and so hold what the topics hold.
"""

from contextlib import closing

from footfall_schemas.access_errors import check_credentials
from footfall_schemas.topics import RECORDED

from footfall_analytics.compiling.submission import Submission
from footfall_analytics.database import Database
from footfall_analytics.postgres.ddl import streams
from footfall_analytics.postgres.script import build_postgres_script
from footfall_analytics.postgres.tables import create_tables, empty_tables
from footfall_analytics.postgres.writer import job_settings
from footfall_analytics.running.backfill import BackfillError, require_slots, wait_for_end
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings


def fill_recorded(settings: AnalyticsSettings, rest: FlinkRest) -> list[str]:
    """Make the tables of recorded results hold what the topics hold now, and return their names.

    Raises:
        BackfillError: There are no recorded results, no slot is free, or the job failed: the tables are not complete then.
        AccessRefusedError: The broker or the registry refuses the user, or the registry is none.
        DatabaseError: The database cannot be reached or refused a statement.
        RegistryUnavailableError: The registry does not answer.
        SubmitError: The job was not accepted.
    """
    settings = recorded_settings(settings)
    topics = [topic for topic in streams(settings.chosen_views) if topic.is_computed]
    with closing(settings.registry()) as registry:
        registry.ping()
    known = check_credentials(settings.librdkafka())
    if missing := [name for topic in topics if (name := settings.topic_prefix + RECORDED + topic.name) not in known]:
        raise BackfillError(
            f"no topic {missing[0]} at {settings.kafka_bootstrap_servers}; the first `footfall replay` creates it"
        )
    require_slots(rest, settings.parallelism)
    plan_file = settings.state_dir / f"{settings.job_name}.plan.json"
    script, database = build_postgres_script(settings, recorded=True), Database.of(settings)
    if settings.postgres_create_tables:
        create_tables(database, settings.postgres_schema, topics)
    empty_tables(database, settings.postgres_schema, topics)
    try:
        job_id = Submission(settings, script, plan_file).execute()
    finally:
        plan_file.unlink(missing_ok=True)
    wait_for_end(rest, settings.job_name, job_id)
    return [f"{settings.postgres_schema}.{topic.view}" for topic in topics]


def recorded_settings(settings: AnalyticsSettings) -> AnalyticsSettings:
    """Return the settings of the job: those of the live tables' job, but for its name, its state and the schema."""
    live = job_settings(settings)
    return live.model_copy(
        update={
            "job_name": f"{live.job_name}-recorded",
            "job": "all",
            "postgres_schema": settings.postgres_recorded_schema,
            "data_dir": live.data_dir / "recorded",
        }
    )
