"""Broker and Flink tell Prometheus what they do, in a run that has one; no process runs."""

from pathlib import Path

import pytest
from footfall_stack.exporters import watched
from footfall_stack.model import Process, StackError
from footfall_stack.processes import all_processes
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings

SETTINGS = StackSettings(
    kafka_metrics_port=1001, flink_jobmanager_metrics_port=1002, flink_taskmanager_metrics_port=1003
)


def run(*extra: str) -> dict[str, Process]:
    """Return the processes of a run with these besides."""
    processes = watched(select(all_processes(SETTINGS), extra=extra), SETTINGS)
    return {process.name: process for process in processes}


def test_nobody_listens_without_a_prometheus() -> None:
    plain = {process.name: process for process in select(all_processes(SETTINGS))}

    assert {name: process.argv for name, process in run().items()} == {name: each.argv for name, each in plain.items()}
    assert {name: process.ports for name, process in run().items()} == {
        name: each.ports for name, each in plain.items()
    }


def test_the_broker_answers_this_machine_only() -> None:
    broker = run("prometheus")["kafka"]

    assert broker.argv[1].startswith("-javaagent:")
    assert broker.argv[1].partition("=")[2].startswith("127.0.0.1:1001:/")
    assert broker.ports["KAFKA_METRICS_PORT"] == 1001


@pytest.mark.parametrize(("name", "port"), [("jobmanager", 1002), ("taskmanager", 1003)])
def test_flink_reports_on_a_port_of_each(name: str, port: int) -> None:
    process = run("monitoring")[name]

    assert f"-Dmetrics.reporter.prometheus.port={port}" in process.argv
    assert [word for word in process.argv if word.startswith("-Dmetrics.reporter.prometheus.factory.class=")]
    assert port in process.ports.values()


def test_a_folder_that_java_cannot_be_told_of_is_named() -> None:
    wrong = SETTINGS.model_copy(update={"footfall_jars_dir": Path("/jars=1")})

    with pytest.raises(StackError, match="/jars=1"):
        watched(select(all_processes(wrong), extra=["prometheus"]), wrong)
