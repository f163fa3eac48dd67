"""What a run says: coloured lines and a list of what is still starting on a terminal, plain lines elsewhere."""

import time
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.status import Status
from rich.table import Table

from footfall_stack.model import Process

PAGE = "dashboard"
"""The process that is named first: people look before they read."""
TRY = (
    ("alerting", ".venv/bin/footfall webhook listen", "receive the low-inventory alerts, signed"),
    ("recommender", "curl {url}/v1/products/P00001/related", "what its viewers also viewed"),
    ("opensearch", "curl '{url}/footfall-revenue_per_minute/_search?pretty'", "search the streams"),
    ("exporter", ".venv/bin/footfall exporter views", "read the exported files with DuckDB"),
    ("analytics", ".venv/bin/footfall tail revenue_per_minute", "watch a result stream"),
)
"""Commands to start with, by the process they need; `{url}` is its address."""


class QuietConsole(Console):
    """A console whose reader may leave: a closed terminal must not keep a run from ending its processes."""

    def on_broken_pipe(self) -> None:
        """Go on without a reader."""

    def say(self, what: RenderableType) -> None:
        """Print one thing, or nothing when nobody reads."""
        with suppress(OSError):
            self.print(what, highlight=False, soft_wrap=isinstance(what, str))


class ProgressPrinter:
    """Says what happens to the processes of one run."""

    def __init__(self, console: QuietConsole | None = None) -> None:
        self._console = console or QuietConsole()
        self._starting: list[str] = []
        self._status: Status | None = None

    def note(self, text: str) -> None:
        """Say something about the run as a whole."""
        self._console.say(escape(text))

    def starting(self, names: Sequence[str]) -> None:
        """Say which processes the run has."""
        self._starting = list(names)
        self._console.say(f"[bold]Starting[/] {escape(', '.join(names))}")
        if self._console.is_terminal:
            self._status = self._console.status("")
            self._status.start()
        self._show_starting()

    def ready(self, name: str, seconds: float) -> None:
        """Say that a process is ready."""
        self._starting = [other for other in self._starting if other != name]
        self._console.say(f"  [green]ready[/]  {escape(name):<14}{seconds:6.1f} s")
        self._show_starting()

    def ended(self, name: str, cause: str, delay: float) -> None:
        """Say that a process died, of what, and that it will be started again."""
        now = time.strftime("%H:%M:%S")
        self._console.say(
            f"  [yellow]ended[/]  {escape(name):<14}at {now}, starting it again in {delay:.0f} s "
            f"(footfall logs {escape(name)}): {escape(cause)}"
        )

    def gave_up(self, reason: str, last_lines: Sequence[str]) -> None:
        """Say why the run ends, with the end of the log that tells more."""
        self._quieten()
        for line in last_lines:
            self._console.say(f"  [dim]│[/] {escape(line)}")
        self._console.say(f"  [red]failed[/] {escape(reason)}; its last lines are above.")

    def all_ready(self, seconds: float, processes: Sequence[Process]) -> None:
        """Say that everything is ready, where it is and what to try."""
        self._quieten()
        urls = {process.name: process.url for process in sorted(processes, key=lambda each: each.name != PAGE)}
        table = Table.grid(padding=(0, 2))
        for name, url in urls.items():
            if url:
                table.add_row(f"[bold]{escape(name)}[/]", escape(url))
        for needed, command, why in TRY:
            if needed in urls:
                table.add_row("[bold]try[/]", f"[cyan]{escape(command.format(url=urls[needed]))}[/]")
                table.add_row("", f"[dim]{escape(why)}[/]")
        self._console.say(Panel(table, title=f"Ready after {seconds:.0f} s", subtitle="Ctrl-C ends it", expand=False))

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._quieten()
        self._console.say("[bold]Stopping[/] (again Ctrl-C kills what still runs)")

    def stopped(self, seconds: float) -> None:
        """Say that nothing runs any more."""
        self._console.say(f"Stopped after {seconds:.1f} s; nothing is left running.")

    def _show_starting(self) -> None:
        if self._status is not None:
            self._status.update(f"waiting for {escape(', '.join(self._starting))}")

    def _quieten(self) -> None:
        if self._status is not None:
            with suppress(OSError):
                self._status.stop()
            self._status = None
