"""The secure mode of the embedded stack as its processes are described; no process runs."""

from pathlib import Path

import pytest
from footfall_security.make import make
from footfall_stack import kafka
from footfall_stack.model import Process
from footfall_stack.paths import Layout
from footfall_stack.processes import all_processes, shared_environment
from footfall_stack.secure import ACCESS, PRINCIPALS
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return StackSettings(footfall_secure=True, footfall_data_dir=tmp_path)


@pytest.fixture
def processes(settings: StackSettings) -> dict[str, Process]:
    return {process.name: process for process in all_processes(settings)}


def test_nothing_is_secure_unless_asked_for(tmp_path: Path) -> None:
    plain = StackSettings(footfall_data_dir=tmp_path)

    assert ACCESS not in {process.name for process in all_processes(plain)}
    assert plain.connections()["KAFKA_SECURITY_PROTOCOL"] == "PLAINTEXT"
    assert plain.registry_url.startswith("http://")
    assert plain.credentials() == {}


def test_every_process_of_ours_is_somebody_of_its_own(processes: dict[str, Process]) -> None:
    ours = {name for name, process in processes.items() if any("footfall_" in word for word in process.argv[1:3])}

    assert ours - {ACCESS} == set(PRINCIPALS)
    for name, principal in PRINCIPALS.items():
        assert processes[name].env["KAFKA_SASL_USERNAME"] == principal
        assert processes[name].env["KAFKA_SASL_PASSWORD_FILE"].endswith(f"/passwords/{principal}")


def test_nobody_starts_before_the_users_are_made(processes: dict[str, Process]) -> None:
    assert all(ACCESS in processes[name].needs for name in PRINCIPALS)
    assert [process.name for process in select(list(processes.values()), [ACCESS])] == ["kafka", "registry", ACCESS]
    assert not [process.name for process in processes.values() if process.eager]


def test_what_processes_share_has_no_credentials(settings: StackSettings, processes: dict[str, Process]) -> None:
    shared = shared_environment(settings, processes.values(), {})

    assert shared["KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert shared["SCHEMA_REGISTRY_URL"].startswith("https://")
    assert not [name for name in shared if name.endswith(("_USERNAME", "SASL_PASSWORD_FILE", "REGISTRY_PASSWORD_FILE"))]


def test_no_secret_gets_into_the_brokers_configuration(settings: StackSettings, tmp_path: Path) -> None:
    assert settings.secure is not None
    make(settings.secure)
    target = tmp_path / "kafka.properties"

    kafka._render(settings, Layout(tmp_path).home("kafka") / "logs", target)

    text = target.read_text()
    assert "listeners=SASL_SSL://" in text
    assert "super.users=User:kafka;User:admin" in text
    assert f"${{secret:{settings.secure.passwords}:kafka}}" in text
    assert settings.secure.password("kafka").read_text() not in text
