"""Flink's configuration has one source: the stack reads it, containers and Kubernetes have what is written from it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from footfall_stack.exporters import FLINK as METRICS
from footfall_stack.exporters import PORT as METRICS_PORT
from footfall_stack.flink_home import COMMON, FlinkHome, pyflink_home
from footfall_stack.paths import REPOSITORY, Layout
from footfall_stack.settings import StackSettings

from support.manifests import configuration_script, flink

SCRIPT = configuration_script()
SHARED: dict[str, Any] = yaml.safe_load(COMMON.read_text())
SERVICES: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text())["services"]
ONE_MACHINE = {
    *("env.log.dir", "jobmanager.rpc.port", "rest.port", "taskmanager.host"),
    # With one name, the second TaskManager would replace the first.
    "taskmanager.resource-id",
}
"""Options of the stack that are no other cluster's business."""


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, Any]:
    """What the stack writes for its own Flink."""
    settings = StackSettings(footfall_data_dir=tmp_path / "data", footfall_jars_dir=tmp_path / "jars")
    home = FlinkHome(pyflink_home(), settings.footfall_jars_dir, Layout(settings.footfall_data_dir))
    home.lay_out(settings)
    return dict(yaml.safe_load((home.conf / "config.yaml").read_text()))


def containers() -> dict[str, Any]:
    return dict(yaml.safe_load((REPOSITORY / "deploy" / "docker" / "flink.yaml").read_text()))


def test_the_files_are_what_the_script_writes() -> None:
    for path, text in SCRIPT["files"]().items():
        assert path.read_text() == text, f"{path.name}: run `make manifests`"


def test_every_cluster_is_told_what_is_common(embedded: dict[str, Any]) -> None:
    text = {name: str(value) for name, value in SHARED.items()}

    assert embedded | SHARED == embedded
    assert containers() | SHARED == containers()
    assert flink()["flinkConfiguration"] | text == flink()["flinkConfiguration"]


def test_prometheus_is_told_in_containers_and_on_kubernetes_and_by_the_stack_when_it_runs_one(
    embedded: dict[str, Any],
) -> None:
    reporter = yaml.safe_load(METRICS.read_text()) | {METRICS_PORT: 9249}

    assert embedded.keys() & reporter.keys() == set()
    assert containers() | reporter == containers()
    assert (
        flink()["flinkConfiguration"] | {name: str(value) for name, value in reporter.items()}
        == (flink()["flinkConfiguration"])
    )
    assert flink()["podTemplate"]["metadata"]["annotations"]["prometheus.io/port"] == "9249"


def test_no_place_changes_what_is_common(embedded: dict[str, Any]) -> None:
    assert SCRIPT["shared"]().keys() & (SCRIPT["CONTAINERS"].keys() | SCRIPT["KUBERNETES"].keys()) == set()
    assert embedded["env.java.opts.all"] == SCRIPT["shared"]()["env.java.opts.all"]
    assert (
        embedded["jobmanager.memory.jvm-metaspace.size"] == SCRIPT["shared"]()["jobmanager.memory.jvm-metaspace.size"]
    )


def test_the_environment_changes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FLINK_SLOTS", "FLINK_BLOB_PORT", "FLINK_TASKMANAGER_RPC_PORT", "FLINK_TASKMANAGER_DATA_PORT"):
        monkeypatch.setenv(variable, "77")
    monkeypatch.setenv("FLINK_TASKMANAGER_JVM_OPTIONS", "-XX:+UseSerialGC")

    assert configuration_script()["files"]() == SCRIPT["files"]()


def test_containers_are_told_every_option_of_the_stack(embedded: dict[str, Any]) -> None:
    told = {option.split("=")[0] for name in ("jobmanager", "taskmanager") for option in SERVICES[name]["command"]}

    assert embedded.keys() - told - containers().keys() == ONE_MACHINE
