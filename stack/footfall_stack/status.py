"""`footfall status` and `footfall doctor` as tables."""

import os
import time

import psutil
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from footfall_stack import checks, leftovers, lock, plugins, state
from footfall_stack.model import StackError
from footfall_stack.order import select
from footfall_stack.paths import Layout
from footfall_stack.processes import all_processes
from footfall_stack.settings import StackSettings
from footfall_stack.surroundings import for_commands

JOB = "job"
"""Process whose being ready means that there is something to say about messages."""
COLOURS = {"ready": "green", "finished": "green", "stopped": "dim", "waiting": "dim"}


def show_status(settings: StackSettings, console: Console) -> int:
    """Print what runs; return the exit status, 0 when a stack is up."""
    layout = Layout(settings.footfall_data_dir)
    running = lock.holder(layout.lock)
    found = state.read(layout.state)
    if running is None or found is None:
        return _not_running(layout, console)
    table = Table("process", "state", "pid", "uptime", "memory", "restarts", "address", box=None)
    total = 0
    for status in found.processes:
        resident = _resident(status.pid)
        total += resident
        table.add_row(*_cells(status, resident))
    restarts = sum(status.restarts for status in found.processes)
    table.add_row("[bold]total[/]", found.phase, str(running), "", _mib(total), str(restarts), "")
    console.print(table)
    if any(status.name == JOB and status.stage == "ready" for status in found.processes):
        os.environ.update(for_commands(settings, os.environ))
        for part in plugins.status_parts():
            console.print(part)
    return 0


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
    findings = [checks.check_python(checks.running_python()), checks.check_java(), checks.check_maven()]
    try:
        processes = select(all_processes(settings))
    except StackError as error:
        return [*findings, checks.Finding("Stack", ok=False, detail=str(error))]
    ours = leftovers.find(data)
    running = lock.holder(Layout(data).lock) is not None
    # What already runs has its memory.
    needed = [] if running else processes
    findings += [checks.check_jars(settings.footfall_jars_dir), *checks.preflight(needed, data)]
    return [*findings, *checks.check_ports(processes, ours)] if running else findings


def _not_running(layout: Layout, console: Console) -> int:
    console.print("Nothing is running; `footfall run` starts everything.")
    if left := leftovers.find(layout.data):
        names = ", ".join(f"{name} (pid {pid})" for pid, name in left.items())
        console.print(f"A killed run left behind: {escape(names)}; `footfall stop` ends it.")
    return 1


def _cells(status: state.Status, resident: int) -> tuple[str, ...]:
    colour = COLOURS.get(status.stage, "yellow")
    return (
        escape(status.name),
        f"[{colour}]{status.stage}[/]",
        str(status.pid or ""),
        _duration(time.time() - status.since) if status.pid and status.since else "",
        _mib(resident),
        str(status.restarts or ""),
        escape(status.url),
    )


def _resident(pid: int | None) -> int:
    """Bytes in memory of a process and its children; 0 when it is gone."""
    if pid is None:
        return 0
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_resident_alone, family))


def _resident_alone(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MiB" if size else ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
