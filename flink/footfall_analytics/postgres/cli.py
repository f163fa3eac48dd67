"""Commands of the database: `footfall postgres create`, `recorded`, `ddl`, `plan`."""

import typer
from footfall_chassis.one_line import one_line_errors

from footfall_analytics.settings import AnalyticsSettings

postgres = typer.Typer(no_args_is_help=True, help="Manage results in PostgreSQL.")


@postgres.callback()
def _postgres() -> None:
    """Manage results in PostgreSQL."""


@postgres.command()
def create() -> None:
    """Create missing tables, columns that a newer schema added, and the role that only reads."""
    from footfall_analytics.database import Database  # noqa: PLC0415
    from footfall_analytics.postgres.ddl import streams, wanted  # noqa: PLC0415
    from footfall_analytics.postgres.tables import create_tables, make_reader  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    database = Database.of(settings)
    with one_line_errors():
        # Whoever asks for tables has a use for them, whatever else the settings say.
        topics = wanted(settings) or streams()
        names = create_tables(database, settings.postgres_schema, topics)
        print(f"{database.place}: {len(names)} tables in schema {settings.postgres_schema}")
        if (reader := settings.reader) is not None:
            make_reader(database, settings.postgres_schema, topics, reader)
            print(f"{database.place}: {reader.name} reads them")


@postgres.command()
def recorded() -> None:
    """Replace what the tables of schema commerce_recorded hold with the results of replays."""
    from footfall_analytics.database import Database  # noqa: PLC0415
    from footfall_analytics.postgres.recorded import fill_recorded  # noqa: PLC0415
    from footfall_analytics.running.rest import FlinkRest  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    with one_line_errors(), FlinkRest(settings.flink_rest_url) as rest:
        names = fill_recorded(settings, rest)
        place, schema = Database.of(settings).place, settings.postgres_recorded_schema
        print(f"{place}: {len(names)} tables filled in schema {schema}")


@postgres.command()
def ddl() -> None:
    """Print the statements that `create` runs, for someone else to run."""
    from footfall_analytics.postgres.ddl import statements, streams, wanted  # noqa: PLC0415
    from footfall_analytics.postgres.reader import reader_statements  # noqa: PLC0415

    settings = AnalyticsSettings.load_or_exit()
    topics, schema = wanted(settings) or streams(), settings.postgres_schema
    made = statements(schema, topics)
    if (reader := settings.reader) is not None:
        # Whoever runs it gives the role a password.
        made += reader_statements(schema, topics, reader.name)
    print(";\n".join(made) + ";")


@postgres.command("plan")
def plan_command() -> None:
    """Print the complete script of the job that fills the tables."""
    from footfall_analytics.postgres.script import build_postgres_script  # noqa: PLC0415
    from footfall_analytics.postgres.writer import job_settings  # noqa: PLC0415

    print(build_postgres_script(job_settings(AnalyticsSettings.load_or_exit())).text())
