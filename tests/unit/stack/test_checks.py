import os
import socket
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from footfall_chassis.settings import SettingsError
from footfall_stack import checks, flink_memory, java, ports
from footfall_stack.model import Process
from footfall_stack.settings import StackSettings


def make(name: str, listens: Mapping[str, int]) -> Process:
    return Process(name, (name,), ready=lambda: True, ports=listens)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_411"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("The operation couldn't be completed. Unable to locate a Java Runtime.", None),
    ],
)
def test_java_versions_are_read(text: str, version: int | None) -> None:
    assert java.parse_version(text) == version


@pytest.mark.parametrize(("version", "ok"), [((3, 10), False), ((3, 11), True), ((3, 12), True), ((3, 13), False)])
def test_python_has_to_be_one_pyflink_knows(version: tuple[int, int], ok: bool) -> None:  # noqa: FBT001
    assert checks.check_python(version).ok is ok


def test_a_failed_check_names_its_cure() -> None:
    assert checks.check_memory(1024, 3072).line() == (
        "Memory: 1.0 GiB free, about 3.0 GiB needed (end other programs, or leave parts out with --without)"
    )
    assert checks.check_memory(4096, 3072).ok
    assert "FOOTFALL_DATA_DIR" in checks.check_disk(0.5).cure


def test_a_missing_java_names_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    finding = checks.check_java()

    assert not finding.ok
    assert "apt install openjdk-17" in finding.cure
    assert not checks.check_maven().ok


def test_a_port_held_by_our_own_process_is_fine() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        process = make("a", {"A_PORT": port})

        strange = next(checks.check_ports([process]))
        ours = next(checks.check_ports([process], {os.getpid(): "a"}))

    assert not strange.ok
    assert f"(pid {os.getpid()})" in strange.detail
    assert "A_PORT" in strange.cure
    assert ours.ok


def test_two_variables_must_not_name_one_port() -> None:
    (port,) = ports.choose(1)

    findings = list(checks.check_ports([make("a", {"A_PORT": port}), make("b", {"B_PORT": port})]))

    assert [finding.ok for finding in findings] == [True, False]
    assert findings[1].detail == "both A_PORT and B_PORT name it"


def test_chosen_ports_are_free_and_different() -> None:
    chosen = ports.choose(5)

    assert len(set(chosen)) == 5
    assert all(ports.is_free(port) for port in chosen)


def test_jars_are_missed_by_name_and_by_what_they_bring(tmp_path: Path) -> None:
    for pattern, factory in checks.JARS:
        jar = tmp_path / pattern.replace("*", "1")
        jar.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(jar, "w") as archive:
            archive.writestr(checks.FACTORIES, f"some.package.{factory}")
    assert checks.check_jars(tmp_path).ok

    with zipfile.ZipFile(tmp_path / "flink" / "flink-sql-connector-kafka-1.jar", "w") as archive:
        archive.writestr(checks.FACTORIES, "some.package.Other")
    next((tmp_path / "registry").iterdir()).unlink()
    finding = checks.check_jars(tmp_path)

    assert not finding.ok
    assert "flink-sql-connector-kafka" in finding.detail
    assert "apicurio" in finding.detail
    assert "avro" not in finding.detail


@pytest.mark.parametrize("size", [1024, 1728, 4096])
def test_a_taskmanagers_parts_add_up_to_its_size(size: int) -> None:
    memory = flink_memory.taskmanager(size, 4)

    parts = memory.heap + memory.direct + memory.metaspace + memory.overhead + memory.managed

    assert parts == size
    assert memory.heap > flink_memory.FRAMEWORK_HEAP
    assert memory.taskmanager_options(4)["taskmanager.memory.network.min"] == f"{memory.network}m"


@pytest.mark.parametrize("slots", [StackSettings.model_fields["flink_slots"].default, 6, 12])
def test_a_slot_has_room_for_the_windows_of_all_streams_and_a_few_more(slots: int) -> None:
    size = StackSettings.model_fields["flink_taskmanager_mib"].default

    assert flink_memory.taskmanager(size, slots).managed / slots >= 40


def test_more_slots_than_there_is_memory_for_are_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLINK_SLOTS", "40")

    with pytest.raises(SettingsError, match=r"MIB=1728 .* FLINK_SLOTS=40: set FLINK_TASKMANAGER_MIB to \d+") as told:
        StackSettings.load()
    monkeypatch.setenv("FLINK_TASKMANAGER_MIB", str(told.value).split(" to ")[1].split()[0])

    assert StackSettings.load().flink_slots == 40


def test_a_jobmanagers_parts_add_up_to_its_size() -> None:
    memory = flink_memory.jobmanager(1024)

    assert memory.heap + memory.direct + memory.metaspace + memory.overhead == 1024
    assert memory.jvm_options()[1] == "-Xmx512m"
