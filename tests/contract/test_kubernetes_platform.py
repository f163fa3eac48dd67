"""The Kubernetes manifests against what they stand on: versions, Flink's and Kafka's configuration, safety of pods."""

import re
from pathlib import Path
from typing import Any

import pytest
from footfall_analytics.settings import AnalyticsSettings
from footfall_stack.settings import StackSettings

from support.manifests import BASE, DEV, flink, kustomization, mebibytes, of_kind, pods, shared_settings

REPOSITORY = Path(__file__).resolve().parents[2]
CONFIG = REPOSITORY / "stack" / "config"
STACK = StackSettings()
PODS = {name: pod.spec for name, pod in pods().items()} | {"flink": flink()["podTemplate"]["spec"]}


def version(name: str) -> str:
    found = re.search(rf"<{re.escape(name)}>([^<]+)<", (REPOSITORY / "stack" / "pom.xml").read_text())
    assert found
    return found[1]


def properties(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_flink_is_the_one_of_the_locks_and_the_pom() -> None:
    pinned = re.search(
        r"^apache-flink==(\S+)", (REPOSITORY / "requirements" / "analytics.txt").read_text(), re.MULTILINE
    )

    assert pinned
    assert pinned[1] == version("flink.version")
    assert flink()["flinkVersion"] == "v" + "_".join(pinned[1].split(".")[:2])


def test_kafka_is_the_one_of_the_pom() -> None:
    kafka = of_kind("Kafka")["footfall"]["spec"]["kafka"]

    assert kafka["version"] == version("kafka.version")
    assert kafka["metadataVersion"].startswith(".".join(version("kafka.version").split(".")[:2]))


def test_flink_has_the_memory_and_slots_of_make_run() -> None:
    spec, configuration = flink(), flink()["flinkConfiguration"]

    assert mebibytes(spec["jobManager"]["resource"]["memory"]) == STACK.flink_jobmanager_mib
    assert mebibytes(spec["taskManager"]["resource"]["memory"]) == STACK.flink_taskmanager_mib
    assert configuration["taskmanager.numberOfTaskSlots"] == str(STACK.flink_slots)


def test_the_supervisor_finds_free_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in shared_settings().items():
        monkeypatch.setenv(variable, value)
    settings, spec = AnalyticsSettings.load(), flink()
    slots = int(spec["flinkConfiguration"]["taskmanager.numberOfTaskSlots"]) * spec["taskManager"]["replicas"]

    # In native mode there are none before a job asks for them.
    assert spec["mode"] == "standalone"
    assert "job" not in spec
    assert max(settings.parallelism, settings.source_parallelism) <= slots


def test_kafka_is_configured_as_by_make_run() -> None:
    ours = properties((CONFIG / "kafka" / "kafka.properties").read_text())
    theirs = {name: text(value) for name, value in of_kind("Kafka")["footfall"]["spec"]["kafka"]["config"].items()}
    filled = ours | {"log.retention.bytes": str(STACK.kafka_retention_mib * 1024 * 1024)}

    assert {name: value for name, value in theirs.items() if filled.get(name, value) != value} == {}
    assert {
        "transaction.max.timeout.ms",
        "transactional.id.expiration.ms",
        "auto.create.topics.enable",
    } <= theirs.keys()


@pytest.mark.parametrize("name", sorted(PODS))
def test_pods_run_with_least_rights(name: str) -> None:
    spec = PODS[name]
    (container,) = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]  # noqa: S108


@pytest.mark.parametrize("name", sorted(PODS))
def test_no_service_becomes_a_variable(name: str) -> None:
    # Else ALERTING_PORT, a number to the service, would be tcp://10.0.0.1:8200.
    assert PODS[name]["enableServiceLinks"] is False


def test_no_manifest_holds_a_secret() -> None:
    words = re.compile("PASSWORD|SECRET|TOKEN|CREDENTIAL")

    assert not of_kind("Secret")
    assert [name for pod in pods().values() for name in pod.literals if words.search(name)] == []
    assert [name for name in shared_settings() if words.search(name)] == []
    assert not any("secretGenerator" in kustomization(folder) for folder in (BASE, DEV))


def test_budgets_let_a_node_be_drained() -> None:
    for name, budget in of_kind("PodDisruptionBudget").items():
        assert budget["spec"]["maxUnavailable"] == 1
        selector = of_kind("Deployment")[name]["spec"]["selector"]
        assert budget["spec"]["selector"] == selector
