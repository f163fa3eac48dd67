"""Commands of the database: `footfall postgres create`, `recorded`, `ddl`, `plan`."""

import typer
from rich.console import Console

from footfall_analytics.cli import one_line_for
from footfall_analytics.settings import AnalyticsSettings

postgres = typer.Typer(no_args_is_help=True, help="Results in PostgreSQL.")
errors = Console(stderr=True, soft_wrap=True)


@postgres.callback()
def _postgres() -> None:
    """Results in PostgreSQL."""


@postgres.command()
def create() -> None:
    """Create the tables that are missing, and the columns that a newer schema brought."""
    from footfall_analytics.planning.database import Database  # noqa: PLC0415
    from footfall_analytics.postgres.ddl import streams, wanted  # noqa: PLC0415
    from footfall_analytics.postgres.tables import DatabaseError, create_tables  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    database = Database.of(settings)
    try:
        # Whoever asks for tables has a use for them, whatever else the settings say.
        names = create_tables(database, settings.postgres_schema, wanted(settings) or streams())
    except DatabaseError as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    print(f"{database.place}: {len(names)} tables in schema {settings.postgres_schema}")


@postgres.command()
def recorded() -> None:
    """Fill tables with what replays have computed, in place of what they hold: schema commerce_recorded."""
    from confluent_kafka import KafkaException  # noqa: PLC0415
    from footfall_schemas.access_errors import AccessRefusedError  # noqa: PLC0415
    from footfall_schemas.registry import RegistryUnavailableError  # noqa: PLC0415

    from footfall_analytics.compiling.flink_home import FlinkHomeError  # noqa: PLC0415
    from footfall_analytics.compiling.submission import SubmitError  # noqa: PLC0415
    from footfall_analytics.planning.database import Database  # noqa: PLC0415
    from footfall_analytics.postgres.recorded import fill_recorded  # noqa: PLC0415
    from footfall_analytics.postgres.tables import DatabaseError  # noqa: PLC0415
    from footfall_analytics.running.backfill import BackfillError  # noqa: PLC0415
    from footfall_analytics.running.rest import FlinkRest, FlinkUnavailableError  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    servers = (AccessRefusedError, DatabaseError, FlinkUnavailableError, KafkaException, RegistryUnavailableError)
    expected = (*servers, BackfillError, FlinkHomeError, SubmitError)
    with one_line_for(*expected), FlinkRest(settings.flink_rest_url) as rest:
        names = fill_recorded(settings, rest)
        place, schema = Database.of(settings).place, settings.postgres_recorded_schema
        print(f"{place}: {len(names)} tables filled in schema {schema}")


@postgres.command()
def ddl() -> None:
    """Print the statements that `create` runs, for whoever may create tables."""
    from footfall_analytics.postgres.ddl import statements, streams, wanted  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    print(";\n".join(statements(settings.postgres_schema, wanted(settings) or streams())) + ";")


@postgres.command("plan")
def plan_command() -> None:
    """Print the complete script of the job that fills the tables."""
    from footfall_analytics.postgres.script import build_postgres_script  # noqa: PLC0415
    from footfall_analytics.postgres.writer import job_settings  # noqa: PLC0415

    print(build_postgres_script(job_settings(AnalyticsSettings.load_or_exit())).text())
