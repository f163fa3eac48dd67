"""`footfall doctor` as a table."""

from collections.abc import Iterator

from footfall_health.facts import headline, worst
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from footfall_stack import checks, java, lock, orphans, state
from footfall_stack.health import examine
from footfall_stack.model import StackError
from footfall_stack.paths import Layout
from footfall_stack.processes import all_processes
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings


def show_doctor(settings: StackSettings, console: Console) -> int:
    """Print every check; return the exit status, 1 when one failed."""
    findings = list(_diagnose(settings))
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]no[/]"
        table.add_row(mark, escape(finding.subject), escape(finding.detail), f"[yellow]{escape(finding.cure)}[/]")
    console.print(table)
    return 0 if all(finding.ok for finding in findings) else 1


def _diagnose(settings: StackSettings) -> "list[checks.Finding]":
    data = settings.footfall_data_dir
    findings = [
        checks.check_python(checks.running_python()),
        checks.check_java(),
        checks.check_maven(),
        checks.check_data(data),
    ]
    try:
        processes = select(all_processes(settings))
    except java.JavaError:
        return findings
    except StackError as error:
        return [*findings, checks.Finding("Stack", ok=False, detail=str(error))]
    ours = orphans.find(data)
    running = lock.holder(Layout(data).lock) is not None
    # What already runs has its memory.
    needed = [] if running else processes
    findings += [checks.check_jars(settings.footfall_jars_dir), *checks.preflight(needed, data)]
    return [*findings, *checks.check_ports(processes, ours), *_health(settings)] if running else findings


def _health(settings: StackSettings) -> Iterator[checks.Finding]:
    """Yield how the shop that runs is, then each thing that is not as it should be."""
    found = state.read(Layout(settings.footfall_data_dir).state)
    if found is None:
        return
    _, facts = examine(settings, found)
    yield checks.Finding("Shop", ok=worst(facts) != "wrong", detail=headline(facts))
    for fact in facts:
        if fact.level != "ok":
            yield checks.Finding(fact.subject, ok=fact.level != "wrong", detail=fact.detail, cure=fact.cure)
