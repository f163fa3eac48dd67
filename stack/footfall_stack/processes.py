"""The one list of processes, and the environment they share."""

from collections.abc import Iterable, Mapping

from footfall_stack import services
from footfall_stack.flink import jobmanager, taskmanager
from footfall_stack.flink_home import FlinkHome, pyflink_home
from footfall_stack.grafana import grafana
from footfall_stack.kafka import NAME as KAFKA
from footfall_stack.kafka import kafka
from footfall_stack.model import STOCK, Process
from footfall_stack.monitoring import alertmanager, prometheus
from footfall_stack.opensearch import NAME as OPENSEARCH
from footfall_stack.opensearch import opensearch
from footfall_stack.paths import Layout
from footfall_stack.postgres import NAME as POSTGRES
from footfall_stack.postgres import postgres
from footfall_stack.registry import NAME as REGISTRY
from footfall_stack.registry import registry
from footfall_stack.secure import secured
from footfall_stack.settings import StackSettings

THE_CALLER = "the caller"
OWNERS = {
    "KAFKA_BOOTSTRAP_SERVERS": KAFKA,
    "KAFKA_SECURITY_PROTOCOL": KAFKA,
    "KAFKA_SSL_CA_LOCATION": KAFKA,
    "SCHEMA_REGISTRY_URL": REGISTRY,
    "FLINK_REST_URL": "jobmanager",
    "DASHBOARD_RECOMMENDER_URL": "recommender",
    "DASHBOARD_ALERTING_URL": "alerting",
    "EXPORTER_PARQUET_URL": THE_CALLER,
    "EXPORTER_OPENSEARCH_URL": OPENSEARCH,
    **dict.fromkeys(
        (
            f"ANALYTICS_POSTGRES_{part}"
            for part in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE", "READER", "READER_PASSWORD")
        ),
        POSTGRES,
    ),
}
"""Connection variables by the process they lead to: one that runs elsewhere is found by the caller's own variable.

What is the caller's is told only to one who has not said it.
"""
FOR_THE_LISTENER = {
    "ALERTING_WEBHOOK_URL": "http://localhost:8201/",
    "ALERTING_ALLOW_HTTP": "true",
    "ALERTING_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
}
"""How webhooks reach `footfall webhook listen` on this machine; whatever the caller says holds instead."""
ASKED_BY_THE_PAGE = ("DASHBOARD_ALERTING_URL", "DASHBOARD_RECOMMENDER_URL")
"""Where services are that the live page asks how they are; empty: they are not there."""


def all_processes(settings: StackSettings) -> list[Process]:
    """Return every process there is.

    Raises:
        StackError: Java or PyFlink is missing.
    """
    layout = Layout(settings.footfall_data_dir)
    flink = flink_home(settings)
    processes = [
        kafka(settings, layout),
        registry(settings, layout),
        postgres(settings, layout),
        jobmanager(settings, flink),
        taskmanager(settings, flink),
        services.analytics(layout, flink, settings),
        services.analytics_stock(layout, flink, settings),
        services.generator(),
        services.alerting(settings),
        services.recommender(settings),
        services.dashboard(settings),
        opensearch(settings, layout),
        services.exporter(settings),
        prometheus(settings, layout),
        alertmanager(settings, layout),
        grafana(settings, layout),
    ]
    return secured(processes, settings.secure) if settings.secure else processes


def flink_home(settings: StackSettings) -> FlinkHome:
    """Return where Flink's parts are.

    Raises:
        StackError: PyFlink is missing.
    """
    return FlinkHome(pyflink_home(), settings.footfall_jars_dir, Layout(settings.footfall_data_dir))


def shared_environment(
    settings: StackSettings, processes: Iterable[Process], caller: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of every process: the caller's, and how to reach what this run starts."""
    names = {process.name for process in processes}
    derived = {
        variable: value
        for variable, value in settings.connections().items()
        if OWNERS.get(variable, "") in {"", *names} or variable not in caller
    }
    # Of a service that is left out the page does not say that it is away, as `status` does not.
    derived |= {name: "" for name in ASKED_BY_THE_PAGE if OWNERS[name] not in names and name not in caller}
    # Whoever starts a Postgres wants the results in it.
    sinks = {"ANALYTICS_SINKS": "kafka,postgres"} if POSTGRES in names else {}
    # Whoever starts an OpenSearch wants the streams in it, and soon.
    search = {"EXPORTER_SINKS": OPENSEARCH, "EXPORTER_BATCH_TIME": "2s"} if OPENSEARCH in names else {}
    # The job leaves to the other what has a job of its own.
    parts = {"ANALYTICS_JOB": "shop"} if STOCK in names else {}
    page = {"ALERTING_DASHBOARD_URL": settings.url(settings.dashboard_port)}
    return {**FOR_THE_LISTENER, **page, **sinks, **search, **parts, **caller, **derived, "PYTHONUNBUFFERED": "1"}
