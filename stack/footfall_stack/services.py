"""Footfall's own processes: Python programs that are run as modules and known here by name only."""

import sys
from dataclasses import replace

from footfall_stack.flink import JOBMANAGER, TASKMANAGER
from footfall_stack.flink_home import FlinkHome
from footfall_stack.kafka import NAME as KAFKA
from footfall_stack.model import ANALYTICS, STOCK, Process
from footfall_stack.opensearch import NAME as OPENSEARCH
from footfall_stack.paths import Layout
from footfall_stack.postgres import NAME as POSTGRES
from footfall_stack.probes import at_once, file_exists, http_ok
from footfall_stack.registry import NAME as REGISTRY
from footfall_stack.settings import StackSettings


def analytics(layout: Layout, flink: FlinkHome, settings: StackSettings) -> Process:
    """Return the supervisor of the Flink job; it writes the ready file when the job runs."""
    port = settings.analytics_port
    return _supervisor(ANALYTICS, layout, flink, settings.url(port), port)


def analytics_stock(layout: Layout, flink: FlinkHome, settings: StackSettings) -> Process:
    """Return the supervisor of a job of their own for the streams of stock: an optional process."""
    port = settings.analytics_stock_port
    supervisor = _supervisor(STOCK, layout, flink, settings.url(port), port, ANALYTICS_JOB="stock")
    return replace(supervisor, optional=True, ports={"ANALYTICS_STOCK_PORT": port})


def _supervisor(name: str, layout: Layout, flink: FlinkHome, url: str, port: int, **env: str) -> Process:
    ready_file = layout.ready_file(name)
    return Process(
        name=name,
        argv=_module("footfall_analytics", "run"),
        needs=(KAFKA, REGISTRY, JOBMANAGER, TASKMANAGER),
        wants=(POSTGRES,),
        # Planning takes as long as the others' start and needs none of them.
        eager=True,
        env={
            **flink.variables(),
            "FOOTFALL_READY_FILE": str(ready_file),
            "ANALYTICS_PORT": str(port),
            **env,
        },
        prepare=lambda: ready_file.unlink(missing_ok=True),
        ports={"ANALYTICS_PORT": port},
        url=url,
        ready=file_exists(ready_file),
        memory_mib=450,
        ready_within=300,
        # It ends the job with a savepoint.
        grace=60,
    )


def generator() -> Process:
    """Return the simulated shop."""
    return Process(
        name="generator",
        argv=_module("footfall_generator"),
        needs=(KAFKA, REGISTRY),
        ready=at_once,
        memory_mib=200,
        finite=True,
    )


def alerting(settings: StackSettings) -> Process:
    """Return the sender of webhooks."""
    return _worker("alerting", "ALERTING_PORT", settings.alerting_port, settings)


def recommender(settings: StackSettings) -> Process:
    """Return the service that answers which products go together."""
    return _worker("recommender", "RECOMMENDER_PORT", settings.recommender_port, settings)


def dashboard(settings: StackSettings) -> Process:
    """Return the live page."""
    return replace(_worker("dashboard", "DASHBOARD_PORT", settings.dashboard_port, settings), memory_mib=160)


def exporter(settings: StackSettings) -> Process:
    """Return what carries the streams into other stores: an optional process."""
    worker = _worker("exporter", "EXPORTER_PORT", settings.exporter_port, settings)
    return replace(worker, optional=True, memory_mib=250, wants=(OPENSEARCH,))


def _worker(name: str, variable: str, port: int, settings: StackSettings) -> Process:
    return Process(
        name=name,
        argv=_module(f"footfall_{name}"),
        needs=(KAFKA, REGISTRY),
        ready=http_ok(f"{settings.url(port)}/health/ready"),
        ports={variable: port},
        memory_mib=130,
        url=settings.url(port),
        ready_within=180,
    )


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)
