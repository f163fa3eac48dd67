"""`footfall exporter`: what people ask of exported files."""

from typing import Annotated

import fsspec
import typer
from footfall_chassis.one_line import one_line_errors

from footfall_exporter.sinks.parquet import ParquetSettings
from footfall_exporter.streams import choose
from footfall_exporter.views import views

exporter = typer.Typer(help="Exported files: how to read them.", no_args_is_help=True)


@exporter.callback()
def _commands() -> None:
    """Exported files: how to read them."""


@exporter.command("views")
def show_views(
    url: Annotated[str, typer.Option(help="Folder of the files; EXPORTER_PARQUET_URL unless told.")] = "",
    stream: Annotated[list[str] | None, typer.Option(help="Only these; all that have files unless told.")] = None,
) -> None:
    """Print DuckDB's SQL with a view for each stream that has files: the latest row of each key, deletions honoured."""
    with one_line_errors(ValueError, called_wrongly=(ValueError,)):
        settings = ParquetSettings.load()
        place = url or settings.url
        chosen = choose(stream or ())
        files, root = fsspec.core.url_to_fs(place, **settings.storage_options)
        there = [each for each in chosen if files.glob(f"{root}/{each.name}/*/*.parquet")]
        if not there:
            raise ValueError(
                f"there are no files of a stream in {place}; is the exporter running? (make run WITH=exporter)"
            )
        print(views(there, root if "://" not in place else place))
