"""Facts of the registry, the services and the processes. Pure."""

from collections.abc import Iterator, Mapping

from footfall_health.facts import Fact, graded, spell
from footfall_health.observed import Process, Service, Silence

RECENT = 600.0
"""Seconds that the end of a process is spoken of."""
DEATHS = 3
"""So many within that time are wrong: it does not come out of it by itself."""


def registry(found: float | Silence, url: str) -> Fact:
    """Return whether the registry answers."""
    if isinstance(found, Silence):
        return Fact(
            "registry",
            "",
            "wrong",
            f"the schema registry at {url} does not answer: {found.reason}",
            "start it again (`footfall logs registry`); messages with known schema ids are read meanwhile",
        )
    return Fact("registry", "", "ok", f"answers within {found * 1000:.0f} ms")


def services(found: Mapping[str, Service | Silence]) -> Iterator[Fact]:
    """Yield whether each service is ready."""
    for name, service in sorted(found.items()):
        look = f"`footfall logs {name}`"
        match service:
            case Silence(reason):
                yield Fact("service", name, "wrong", f"does not answer: {reason}", look)
            case Service(ready=True):
                detail = "; ".join(filter(None, ("ready", service.cautions)))
                yield Fact("service", name, "ok", detail, caution=bool(service.cautions))
            case _:
                yield Fact("service", name, "wrong", f"not ready: {service.detail}", look)


def processes(found: tuple[Process, ...], at: float) -> Iterator[Fact]:
    """Yield which processes run, and which end again and again."""
    for process in found:
        deaths = [death for death in process.deaths if at - death.at <= RECENT]
        look = f"`footfall logs {process.name}`"
        if deaths:
            often = f"ended {len(deaths)} times within {spell(RECENT)}" if len(deaths) > 1 else "ended"
            detail = f"{often}, the last {spell(at - deaths[-1].at)} ago: {deaths[-1].cause}"
            level = "wrong" if process.stage != "ready" else graded(len(deaths), warning=1, wrong=DEATHS)
            yield Fact("process", process.name, level, detail, look, deaths[0].at)
        elif process.stage in {"waiting", "starting"}:
            yield Fact("process", process.name, "warning", f"is {process.stage}", "wait", process.since)
        elif process.stage in {"ready", "finished"}:
            yield Fact("process", process.name, "ok", process.stage)
        else:
            yield Fact("process", process.name, "wrong", f"is {process.stage}", look)
