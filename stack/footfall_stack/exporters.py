"""How the programs of others tell Prometheus what they do, in a run that has one: at no other time do they listen."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from footfall_stack.flink import JOBMANAGER, TASKMANAGER
from footfall_stack.kafka import NAME as KAFKA
from footfall_stack.model import Process, StackError
from footfall_stack.monitoring import PROMETHEUS, asking_the_exporter
from footfall_stack.paths import CONFIG, Layout
from footfall_stack.settings import StackSettings

AGENT = Path("monitoring") / "jmx_prometheus_javaagent.jar"
"""Among the jars."""
BROKER = CONFIG / "kafka" / "metrics.yaml"
FLINK = CONFIG / "flink" / "metrics.yaml"
PORT = "metrics.reporter.prometheus.port"


def watched(processes: Iterable[Process], settings: StackSettings) -> list[Process]:
    """Return the processes, with metrics of broker and Flink if a Prometheus is among them.

    Raises:
        StackError: The jars are in a folder that Java cannot be told of.
    """
    processes = list(processes)
    names = {process.name for process in processes}
    if PROMETHEUS not in names:
        return processes
    return [_with_metrics(process, settings, names) for process in processes]


def _with_metrics(process: Process, settings: StackSettings, names: Collection[str]) -> Process:
    if process.name == PROMETHEUS and "exporter" in names:
        return asking_the_exporter(process, settings, Layout(settings.footfall_data_dir))
    if process.name == KAFKA:
        agent = _agent(settings)
        return _listening(
            replace(process, argv=(process.argv[0], agent, *process.argv[1:])),
            "KAFKA_METRICS_PORT",
            settings.kafka_metrics_port,
        )
    if process.name == JOBMANAGER:
        return _with_reporter(process, "FLINK_JOBMANAGER_METRICS_PORT", settings.flink_jobmanager_metrics_port)
    if process.name == TASKMANAGER:
        return _with_reporter(process, "FLINK_TASKMANAGER_METRICS_PORT", settings.flink_taskmanager_metrics_port)
    return process


def _agent(settings: StackSettings) -> str:
    jar = settings.footfall_jars_dir / AGENT
    if "=" in str(jar):
        raise StackError(f"Java takes what follows the '=' in {jar} for an option: name another folder for the jars")
    return f"-javaagent:{jar}={settings.connect_host}:{settings.kafka_metrics_port}:{BROKER}"


def _with_reporter(process: Process, variable: str, port: int) -> Process:
    options: dict[str, Any] = {**yaml.safe_load(FLINK.read_text()), PORT: port}
    argv = (*process.argv, *(f"-D{name}={value}" for name, value in options.items()))
    return _listening(replace(process, argv=argv), variable, port)


def _listening(process: Process, variable: str, port: int) -> Process:
    return replace(process, ports={**process.ports, variable: port})
