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
    only: Annotated[list[str] | None, typer.Option(help="Run only this process and what it needs; repeatable.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Leave this process out; repeatable.")] = None,
    extra: Annotated[
        list[str] | None,
        typer.Option("--with", help="Also run this optional process: postgres, monitoring; repeatable."),
    ] = None,
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
        str, typer.Option("--format", help="Format of the file: userbehavior, online-retail.")
    ] = "userbehavior",
    currency: Annotated[
        str | None, typer.Option(help="Currency of the amounts; default CNY or GBP, by format.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Time zone of the local times in online-retail; default Europe/London.")
    ] = None,
    speed: Annotated[str, typer.Option(help="'max', or a multiple of the recorded pace.")] = "max",
    order: Annotated[
        str, typer.Option(help="'time', or 'file' for the file's own order, however disordered.")
    ] = "time",
    limit: Annotated[int | None, typer.Option(help="Stop after N rows that become events.")] = None,
    resume_from: Annotated[int | None, typer.Option(help="First line to read, with --order file.")] = None,
    categories: Annotated[
        Path | None, typer.Option(help="CSV of category_id and parent name, in place of the shop's.")
    ] = None,
    live: Annotated[bool, typer.Option(help="Publish into the live topics, where past events are late.")] = False,
    keep_recorded: Annotated[
        bool, typer.Option("--keep-recorded", help="Keep the results of earlier replays and add to them.")
    ] = False,
) -> None:
    """Compute recorded events beside the live ones, in topics of their own.

    Results go to recorded-… and replace those of the last replay: `footfall tail --recorded`, `footfall sql --recorded`.
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
    """Stop everything, from any terminal."""
    from footfall_stack import lifecycle

    typer.echo(lifecycle.stop(_settings()))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document with every check.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Refresh every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Show in one line whether all is well, then each problem, since when, and what to do; exits with 1 if there is one."""
    from rich.console import Console

    from footfall_stack.status import show_status

    raise typer.Exit(show_status(_settings(), Console(), as_json=as_json, watch=watch))


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="Process; all if left out.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing new lines.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="Start with the last N lines.")] = 20,
) -> None:
    """Show the logs of processes."""
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
    """Check this machine; each failing line says how to fix it."""
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
