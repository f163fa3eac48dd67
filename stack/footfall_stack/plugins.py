"""Commands other packages add to `footfall` (entry points of the group `footfall.commands`), imported when called."""

import ast
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from footfall_chassis.one_line import one_line_errors
from typer.core import TyperCommand, TyperGroup

from footfall_stack.model import StackError

if TYPE_CHECKING:
    from footfall_health.observed import Observation
    from footfall_health.watched import Watched
    from rich.console import RenderableType

GROUP = "footfall.commands"
HEALTH_GROUP = "footfall.health"
"""Functions of other packages that return what is to be looked at, by the jobs that compute the streams."""
STATUS_GROUP = "footfall.status"
"""Functions of other packages that return what `footfall status` is to show of what was seen."""


class DeferredCommand(TyperCommand):
    """Stands in for a command until it is called; what the help says of it is read from the source, not imported."""

    def __init__(self, entry: EntryPoint) -> None:
        super().__init__(entry.name, help=summary_of(entry))
        self._entry = entry

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand the call over to the real command, which finds the stack that the same variables would start."""
        from footfall_stack.settings import StackSettings  # noqa: PLC0415
        from footfall_stack.surroundings import for_commands  # noqa: PLC0415

        os.environ.update(for_commands(StackSettings.load_or_exit(), os.environ))
        return load(self._entry).make_context(info_name, args, parent, **extra)


class CommandGroup(TyperGroup):
    """Own commands first, then those of other packages. Whichever meets what a person can put right says it in one line."""

    def invoke(self, ctx: Any) -> Any:
        """Call the command. Every one writes to the data directory, a question its log at least.

        Raises:
            SystemExit: It has met an error that a person can put right.
        """
        with one_line_errors(ctrl_c=None):
            try:
                return super().invoke(ctx)
            except OSError as error:
                _explain(error)
                raise

    @cached_property
    def _others(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=GROUP)}

    def list_commands(self, ctx: Any) -> list[str]:
        """Return every command's name."""
        own = super().list_commands(ctx)
        return [*own, *sorted(set(self._others) - set(own))]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one command; None when there is none of that name."""
        own = super().get_command(ctx, cmd_name)
        if own is None and cmd_name in self._others:
            return DeferredCommand(self._others[cmd_name])
        return own


def _explain(error: OSError) -> None:
    """Say it shortly if the data directory cannot be written to.

    Raises:
        StackError: It cannot.
    """
    from footfall_stack.disk import explain  # noqa: PLC0415
    from footfall_stack.settings import StackSettings  # noqa: PLC0415

    if line := explain(error, StackSettings.load_or_exit().footfall_data_dir):
        raise StackError(line) from None


def status_parts(seen: "Observation") -> "Iterator[RenderableType]":
    """Yield what other packages add to `footfall status`; what cannot be loaded is left out."""
    for part in _loaded(STATUS_GROUP):
        yield part(seen)


def watched(jobs: Sequence[str]) -> "Watched | None":
    """Return what is to be looked at; None if no package that can be loaded knows.

    Args:
        jobs: Which jobs compute the streams: all, shop, stock.
    """
    found: Watched | None = next((of(jobs) for of in _loaded(HEALTH_GROUP)), None)
    return found


def _loaded(group: str) -> Iterator[Callable[..., Any]]:
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        with suppress(ImportError, AttributeError):
            yield entry.load()


def summary_of(entry: EntryPoint) -> str:
    """Return the first line of a command's docstring, or the help its typer application is made with."""
    # Finding the package does not import it; finding a module in it would.
    package, *inner = entry.module.split(".")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return ""
    source = Path(spec.origin).parent.joinpath(*inner).with_suffix(".py") if inner else Path(spec.origin)
    if not source.is_file():
        return ""
    for node in ast.parse(source.read_text()).body:
        match node:
            case ast.FunctionDef(name=entry.attr):
                return (ast.get_docstring(node) or "").partition("\n")[0]
            case ast.Assign(targets=[ast.Name(id=entry.attr)], value=ast.Call(keywords=options)):
                helps = [
                    option.value.value
                    for option in options
                    if option.arg == "help" and isinstance(option.value, ast.Constant)
                ]
                return str(helps[0]) if helps else ""
    return ""


def load(entry: EntryPoint) -> Any:
    """Import a command: a typer application or a plain function.

    Raises:
        StackError: It cannot be imported.
    """
    try:
        target = entry.load()
    except (ImportError, AttributeError) as error:
        raise StackError(f"`footfall {entry.name}` cannot be loaded ({error}): run `make setup`") from error
    parent = typer.Typer(add_completion=False)
    # With a callback typer keeps the parent a group, also around a single command.
    parent.callback()(lambda: None)
    if isinstance(target, typer.Typer):
        parent.add_typer(target, name=entry.name)
    else:
        parent.command(entry.name)(target)
    return typer.main.get_group(parent).commands[entry.name]
