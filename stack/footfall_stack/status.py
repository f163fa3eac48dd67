"""`footfall status`: one line that can be trusted, what it rests on, and the processes."""

import json
import time
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import psutil
from footfall_health.facts import LEVELS, Fact, headline, spell, worst
from footfall_health.observed import Observation
from footfall_health.report import document
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from footfall_stack import lock, orphans, plugins, state
from footfall_stack.health import examine
from footfall_stack.model import ANALYTICS
from footfall_stack.paths import Layout
from footfall_stack.settings import StackSettings

COLOURS = {"ready": "green", "finished": "green", "stopped": "dim", "waiting": "dim"}
LEVEL_COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}
WATCH_EVERY = 2.0
"""Seconds between two looks."""
NOTHING_RUNS = "Nothing is running; `footfall run` starts everything."


def show_status(settings: StackSettings, console: Console, *, as_json: bool = False, watch: bool = False) -> int:
    """Print how things are; return the exit status, 0 when nothing is wrong.

    Args:
        settings: Of the stack.
        console: Where to.
        as_json: One JSON document a look.
        watch: Look again and again, until Ctrl-C.
    """
    with suppress(KeyboardInterrupt):
        while True:
            shown, status = _look(settings, as_json=as_json)
            if watch and not as_json:
                console.clear()
            _print(console, shown)
            if not watch:
                return status
            time.sleep(WATCH_EVERY)
    return 0


def _look(settings: StackSettings, *, as_json: bool) -> tuple[dict[str, Any] | list[RenderableType], int]:
    layout = Layout(settings.footfall_data_dir)
    running, found = lock.holder(layout.lock), state.read(layout.state)
    if running is None or found is None:
        return ({"level": "wrong", "line": NOTHING_RUNS, "facts": []} if as_json else _not_running(layout)), 1
    seen, facts = examine(settings, found)
    status = 1 if worst(facts) == "wrong" else 0
    if as_json:
        processes = [asdict(each) for each in found.processes]
        return document(facts, seen) | {"phase": found.phase, "processes": processes}, status
    return _page(found, running, seen, facts), status


def _print(console: Console, shown: dict[str, Any] | list[RenderableType]) -> None:
    if isinstance(shown, dict):
        print(json.dumps(shown, ensure_ascii=False), flush=True)
        return
    for part in shown:
        # A line stays one, however narrow the terminal: people copy commands from it.
        console.print(part, soft_wrap=isinstance(part, str), highlight=False)


def _page(found: state.State, running: int, seen: Observation, facts: list[Fact]) -> list[RenderableType]:
    bad = sorted((fact for fact in facts if fact.level != "ok"), key=lambda fact: -LEVELS.index(fact.level))
    parts: list[RenderableType] = [f"[bold {LEVEL_COLOURS[worst(facts)]}]{escape(headline(facts))}[/]"]
    parts += [_fact(fact, seen.at) for fact in bad]
    parts += [_caution(fact) for fact in facts if fact.level == "ok" and fact.caution]
    parts += [f"[dim]{len(facts) - len(bad)} of {len(facts)} checks are ok[/]", _processes(found, running)]
    if any(status.name == ANALYTICS and status.stage == "ready" for status in found.processes):
        parts += plugins.status_parts(seen)
    return parts


def _fact(fact: Fact, at: float) -> str:
    since = f" (for {spell(at - fact.since)})" if fact.since is not None else ""
    cure = f"\n          [cyan]-> {escape(fact.cure)}[/]" if fact.cure else ""
    return (
        f"  [{LEVEL_COLOURS[fact.level]}]{fact.level:<7}[/] [bold]{escape(fact.subject)}[/]{since}: "
        f"{escape(fact.detail)}{cure}"
    )


def _caution(fact: Fact) -> str:
    return f"  {'note':<7} [bold]{escape(fact.subject)}[/]: {escape(fact.detail)}"


def _processes(found: state.State, running: int) -> Table:
    table = Table("process", "state", "pid", "uptime", "memory", "restarts", "address", box=None)
    total = 0
    for status in found.processes:
        resident = _resident(status.pid)
        total += resident
        table.add_row(*_cells(status, resident))
    restarts = sum(status.restarts for status in found.processes)
    table.add_row("[bold]total[/]", found.phase, str(running), "", _mib(total), str(restarts), "")
    return table


def _not_running(layout: Layout) -> list[RenderableType]:
    if left := orphans.find(layout.data):
        names = ", ".join(f"{name} (pid {pid})" for pid, name in left.items())
        return [NOTHING_RUNS, f"A killed run left behind: {escape(names)}; `footfall stop` ends it."]
    return [NOTHING_RUNS]


def _cells(status: state.ProcessStatus, resident: int) -> tuple[str, ...]:
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
