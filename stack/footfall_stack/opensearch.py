"""OpenSearch, for whoever wants to search the results and to look at them in its Dashboards: an optional process."""

from pathlib import Path

from footfall_stack import java
from footfall_stack.model import Process, StackError
from footfall_stack.paths import Layout
from footfall_stack.probes import http_ok
from footfall_stack.settings import StackSettings

NAME = "opensearch"
LAUNCHER = "footfall-opensearch-*.jar"
BESIDES_THE_HEAP = 350
"""Mebibytes of classes, code and buffers."""


def opensearch(settings: StackSettings, layout: Layout) -> Process:
    """Return one node. It has no logins, so it listens on the loopback address, wherever the other parts do."""
    host, home, jars = settings.opensearch_host, layout.home(NAME), settings.opensearch_jars_dir
    url = f"http://{host}:{settings.opensearch_port}"
    return Process(
        name=NAME,
        argv=(
            java.executable(),
            f"-Xms{settings.opensearch_heap_mib}m",
            f"-Xmx{settings.opensearch_heap_mib}m",
            "-XX:+UseSerialGC",
            *("-cp", str(jars / "*"), "io.footfall.opensearch.Node"),
            *(str(home), host, str(settings.opensearch_port)),
        ),
        ready=http_ok(f"{url}/_cluster/health"),
        prepare=lambda: _require(jars),
        ports={"OPENSEARCH_PORT": settings.opensearch_port},
        memory_mib=settings.opensearch_heap_mib + BESIDES_THE_HEAP,
        url=url,
        optional=True,
        ready_within=180,
        grace=30,
    )


def _require(jars: Path) -> None:
    if not list(jars.glob(LAUNCHER)):
        raise StackError(f"{NAME}: {jars / LAUNCHER} is missing: run `make setup WITH={NAME}`")
