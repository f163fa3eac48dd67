"""Which processes run, and in which order. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from graphlib import TopologicalSorter

from footfall_stack.model import Process, StackError

TOGETHER = {"monitoring": ("prometheus", "alertmanager", "grafana")}
"""Names for several processes that belong together."""
BRINGS = {"opensearch": ("opensearch", "exporter")}
"""Processes that are of no use alone, with those that are meant besides when they are asked for."""


def select(
    processes: Sequence[Process], only: Iterable[str] = (), without: Iterable[str] = (), extra: Iterable[str] = ()
) -> list[Process]:
    """Return the chosen processes with all they need, needs first.

    Args:
        processes: All there are.
        only: Names to run with what they need; none means all but the optional ones.
        without: Names left out even when something needs them: they are taken to run elsewhere.
        extra: Names to run besides.

    Raises:
        StackError: There is no process of that name.
    """
    by_name = {process.name: process for process in processes}
    only, without, extra = (_apart(names, TOGETHER) for names in (only, without, extra))
    extra = _apart(extra, BRINGS)
    left_out = {_known(name, by_name) for name in without}
    wanted: set[str] = set()
    pending = [_known(name, by_name) for name in only] or [p.name for p in processes if not p.optional]
    pending += [_known(name, by_name) for name in extra]
    while pending:
        name = pending.pop()
        if name not in wanted and name not in left_out:
            wanted.add(name)
            pending.extend(by_name[name].needs)
    order = TopologicalSorter({name: by_name[name].needs for name in by_name}).static_order()
    return [by_name[name] for name in order if name in wanted]


def dependants(processes: Iterable[Process]) -> dict[str, set[str]]:
    """Return, for each process, those that need it and must end before it."""
    processes = list(processes)
    return {
        process.name: {other.name for other in processes if process.name in (*other.needs, *other.wants)}
        for process in processes
    }


def _apart(names: Iterable[str], together: Mapping[str, Sequence[str]]) -> list[str]:
    return [each for name in names for each in together.get(name, (name,))]


def _known(name: str, by_name: dict[str, Process]) -> str:
    if name in by_name:
        return name
    close = get_close_matches(name, by_name, n=1)
    hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(by_name)}"
    raise StackError(f"unknown process {name!r}: {hint}")
