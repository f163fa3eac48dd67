"""Prometheus and Alertmanager of `make run WITH=monitoring`: this machine's addresses, and what is said without them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from footfall_stack.exporters import watched
from footfall_stack.model import StackError
from footfall_stack.monitoring import alertmanager, prometheus, routed, scraped
from footfall_stack.paths import Layout
from footfall_stack.processes import all_processes
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings

SETTINGS = StackSettings(
    analytics_port=1001,
    alerting_port=1002,
    recommender_port=1003,
    dashboard_port=1004,
    alertmanager_port=1005,
    kafka_metrics_port=1006,
    flink_jobmanager_metrics_port=1007,
    flink_taskmanager_metrics_port=1008,
    registry_port=1009,
    exporter_port=1010,
)


def test_every_part_is_asked_on_its_own_port() -> None:
    document = yaml.safe_load(scraped(SETTINGS))

    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in document["scrape_configs"]}
    assert targets == {
        "footfall-analytics": ["127.0.0.1:1001"],
        "footfall-alerting": ["127.0.0.1:1002"],
        "footfall-recommender": ["127.0.0.1:1003"],
        "footfall-dashboard": ["127.0.0.1:1004"],
        "kafka": ["127.0.0.1:1006"],
        "flink": ["127.0.0.1:1007", "127.0.0.1:1008"],
        "registry": ["127.0.0.1:1009"],
    }
    assert document["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["127.0.0.1:1005"]
    assert [Path(name).is_file() for name in document["rule_files"]] == [True]


def test_the_exporter_is_asked_where_it_runs_and_missed_nowhere_else() -> None:
    def jobs(text: str) -> dict[str, dict[str, Any]]:
        return {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}

    assert "footfall-exporter" not in jobs(scraped(SETTINGS))
    (asked,) = jobs(scraped(SETTINGS, exporter=True))["footfall-exporter"]["static_configs"]
    assert asked == {"targets": ["127.0.0.1:1010"]}
    # Containers: an address that is looked for, so that there is no target where there is none.
    contained = jobs((SETTINGS.prometheus_config_dir / "prometheus.yaml").read_text())["footfall-exporter"]
    assert contained["dns_sd_configs"] == [{"names": ["exporter"], "type": "A", "port": 8300}]
    assert "static_configs" not in contained


@pytest.mark.parametrize("extra", [["prometheus"], ["prometheus", "exporter"]])
def test_a_run_with_an_exporter_asks_it(extra: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    settings = SETTINGS.model_copy(update={"footfall_data_dir": tmp_path})
    processes = watched(select(all_processes(settings), extra=extra), settings)
    (process,) = [each for each in processes if each.name == "prometheus"]
    process.prepare()

    written = (Layout(tmp_path).config("prometheus") / "prometheus.yaml").read_text()
    assert ("127.0.0.1:1010" in written) == ("exporter" in extra)


def test_a_secure_registry_is_asked_by_its_certificate(tmp_path: Path) -> None:
    secure = SETTINGS.model_copy(update={"footfall_secure": True, "footfall_data_dir": tmp_path})
    (job,) = [each for each in yaml.safe_load(scraped(secure))["scrape_configs"] if each["job_name"] == "registry"]

    assert (job["scheme"], job["tls_config"]) == ("https", {"ca_file": str(tmp_path / "secure" / "ca.pem")})


def test_alerts_become_webhooks() -> None:
    (receiver,) = yaml.safe_load(routed(SETTINGS))["receivers"]

    assert receiver["webhook_configs"][0]["url"] == "http://127.0.0.1:1002/v1/alertmanager"


def test_both_are_asked_for_by_one_name() -> None:
    everything = all_processes(StackSettings())

    assert not {"prometheus", "alertmanager"} & {process.name for process in select(everything)}
    assert {"prometheus", "alertmanager"} <= {process.name for process in select(everything, extra=["monitoring"])}


def test_what_is_missing_is_said_with_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    for make in (prometheus, alertmanager):
        process = make(StackSettings(), Layout(tmp_path))
        with pytest.raises(StackError, match=f"{process.name} is not on this machine: install it \\(`apt install"):
            process.prepare()


def test_the_configuration_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    process = prometheus(StackSettings(), Layout(tmp_path))
    process.prepare()

    (config,) = [word.removeprefix("--config.file=") for word in process.argv if word.startswith("--config.file=")]
    assert yaml.safe_load(Path(config).read_text())["scrape_configs"]
