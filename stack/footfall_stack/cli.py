"""The `footfall` command. What a command needs is imported when it is called, so that the help is quick."""
# ruff: noqa: PLC0415

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footfall_stack.model import StackError
from footfall_stack.paths import SETUP_SCRIPT, Layout
from footfall_stack.plugins import CommandGroup

if TYPE_CHECKING:
    from footfall_stack.settings import StackSettings

app = typer.Typer(
    cls=CommandGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Footfall: live answers from the events of an online shop.",
)


@app.command()
def setup() -> None:
    """Install what is missing; does nothing when nothing has changed."""
    raise typer.Exit(subprocess.run([SETUP_SCRIPT], check=False).returncode)


@app.command()
def run(
    only: Annotated[list[str] | None, typer.Option(help="Run this process and what it needs; repeatable.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave this process out; repeatable.")] = None,
    extra: Annotated[list[str] | None, typer.Option("--with", help="Run this one, too: postgres; repeatable.")] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when everything is ready.")] = False,
    until_stdin_closes: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Start everything and keep it running until Ctrl-C."""
    from footfall_stack import lifecycle

    chosen, left_out, besides = only or [], without or [], extra or []
    if detach:
        arguments = [f"--only={name}" for name in chosen] + [f"--without={name}" for name in left_out]
        arguments += [f"--with={name}" for name in besides]
        raise typer.Exit(lifecycle.run_behind(_settings(), arguments))
    raise typer.Exit(lifecycle.run(_settings(), chosen, left_out, besides, until_stdin_closes=until_stdin_closes))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Recorded events.")],
    file_format: Annotated[
        str, typer.Option("--format", help="What the file holds: userbehavior, online-retail.")
    ] = "userbehavior",
    currency: Annotated[str | None, typer.Option(help="What its amounts are in; default CNY, GBP.")] = None,
    zone: Annotated[str | None, typer.Option(help="Of local times in online-retail; default Europe/London.")] = None,
    speed: Annotated[str, typer.Option(help="'max', or how many times as fast as it happened.")] = "max",
    order: Annotated[str, typer.Option(help="'time', or 'file': as it stands, however disordered.")] = "time",
    limit: Annotated[int | None, typer.Option(help="Stop after so many rows that become events.")] = None,
    resume_from: Annotated[int | None, typer.Option(help="First line to read, with --order file.")] = None,
    categories: Annotated[
        Path | None, typer.Option(help="CSV of category_id and parent name, in place of the shop's.")
    ] = None,
    live: Annotated[bool, typer.Option(help="Into the live topics, where whatever is older than now is late.")] = False,
    keep_recorded: Annotated[
        bool, typer.Option("--keep-recorded", help="Add to what earlier replays have computed.")
    ] = False,
) -> None:
    """Compute recorded events beside the live ones, in topics of their own.

    Results are in recorded-…, in place of those of the last replay: `footfall tail --recorded`, `footfall sql --recorded`.
    """
    from footfall_stack.replay import Replay, replay_live
    from footfall_stack.replay import replay as run_replay

    options = ["--format", file_format, "--speed", speed, "--order", order]
    handed_on = {
        "--currency": currency,
        "--zone": zone,
        "--limit": limit,
        "--resume-from": resume_from,
    }
    for name, value in handed_on.items():
        options += [] if value is None else [name, str(value)]
    asked = Replay(file, options, categories, speed != "max", order == "time", keep_recorded)
    raise typer.Exit(replay_live(asked) if live else run_replay(asked, Layout(_settings().footfall_data_dir)))


@app.command()
def stop() -> None:
    """End what runs, in whatever terminal it was started."""
    from footfall_stack import lifecycle

    typer.echo(lifecycle.stop(_settings()))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, every check in it.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Say in one line how things are, then what is wrong, since when, and what to do; exit status 1 if anything is."""
    from rich.console import Console

    from footfall_stack.status import show_status

    raise typer.Exit(show_status(_settings(), Console(), as_json=as_json, watch=watch))


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="Process; all when left out.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Lines to begin with.")] = 20,
) -> None:
    """Show what processes wrote."""
    from footfall_stack.logs import follow as follow_files
    from footfall_stack.logs import tail

    files = _log_files(name)
    prefix = "" if name else "{}: "
    for file in files:
        for line in tail(file, lines):
            typer.echo(prefix.format(file.stem) + line)
    if follow:
        for file, line in follow_files(files):
            typer.echo(prefix.format(file.stem) + line)


@app.command()
def doctor() -> None:
    """Check this machine: each failing line names its cure."""
    from rich.console import Console

    from footfall_stack.doctor import show_doctor

    raise typer.Exit(show_doctor(_settings(), Console()))


def main() -> None:
    """Run the command line."""
    app(prog_name="footfall")


def _settings() -> "StackSettings":
    from footfall_stack.settings import StackSettings

    return StackSettings.load_or_exit()


def _log_files(name: str | None) -> "list[Path]":
    directory = Layout(_settings().footfall_data_dir).console.parent
    files = sorted(directory.glob("*.log"))
    chosen = [file for file in files if name in {None, file.stem}]
    if not chosen:
        there = f"there are {', '.join(file.stem for file in files)}" if files else f"{directory} is empty"
        raise StackError(f"No log{f' {name}' if name else ''}: {there}")
    return chosen
