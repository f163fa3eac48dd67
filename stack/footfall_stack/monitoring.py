"""Prometheus and Alertmanager, for whoever wants to be told: optional processes, programs of this machine."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from footfall_stack.model import Process, StackError
from footfall_stack.paths import Layout
from footfall_stack.probes import http_ok
from footfall_stack.registry import NAME as REGISTRY
from footfall_stack.settings import StackSettings

PROMETHEUS, ALERTMANAGER = "prometheus", "alertmanager"
PACKAGES = {PROMETHEUS: "prometheus", ALERTMANAGER: "prometheus-alertmanager"}
"""What a program is called as a package of Debian and Ubuntu."""
EXPORTER = "footfall-exporter"
"""What the exporter's job is called."""
KEPT = ("--storage.tsdb.retention.time=15d", "--storage.tsdb.retention.size=512MB")


def prometheus(settings: StackSettings, layout: Layout) -> Process:
    """Return what asks every part for its metrics and judges them by the rules."""
    port, config = settings.prometheus_port, layout.config(PROMETHEUS) / "prometheus.yaml"
    return Process(
        name=PROMETHEUS,
        argv=(
            *(_program(PROMETHEUS), f"--config.file={config}", f"--storage.tsdb.path={layout.home(PROMETHEUS)}"),
            *(f"--web.listen-address={settings.connect_host}:{port}", *KEPT),
        ),
        ready=http_ok(f"{settings.url(port)}/-/ready"),
        prepare=lambda: _write(PROMETHEUS, config, scraped(settings)),
        ports={"PROMETHEUS_PORT": port},
        memory_mib=120,
        url=settings.url(port),
        optional=True,
    )


def alertmanager(settings: StackSettings, layout: Layout) -> Process:
    """Return what groups alerts and hands them to alerting."""
    port, config = settings.alertmanager_port, layout.config(ALERTMANAGER) / "alertmanager.yaml"
    return Process(
        name=ALERTMANAGER,
        argv=(
            *(_program(ALERTMANAGER), f"--config.file={config}", f"--storage.path={layout.home(ALERTMANAGER)}"),
            # It joins no others.
            *(f"--web.listen-address={settings.connect_host}:{port}", "--cluster.listen-address="),
        ),
        ready=http_ok(f"{settings.url(port)}/-/ready"),
        prepare=lambda: _write(ALERTMANAGER, config, routed(settings)),
        ports={"ALERTMANAGER_PORT": port},
        memory_mib=40,
        url=settings.url(port),
        optional=True,
    )


def asking_the_exporter(process: Process, settings: StackSettings, layout: Layout) -> Process:
    """Return a Prometheus that asks the exporter, too, which runs beside it."""
    config = layout.config(PROMETHEUS) / "prometheus.yaml"
    return replace(process, prepare=lambda: _write(PROMETHEUS, config, scraped(settings, exporter=True)))


def scraped(settings: StackSettings, *, exporter: bool = False) -> str:
    """Return Prometheus' configuration with this machine's addresses and paths.

    Args:
        settings: Of the stack.
        exporter: Whether the exporter runs: whoever is asked and does not run is away.
    """
    document: dict[str, Any] = yaml.safe_load(
        _here((settings.prometheus_config_dir / "prometheus.yaml").read_text(), settings)
    )
    document["rule_files"] = [str(settings.prometheus_config_dir / name) for name in document["rule_files"]]
    (job,) = (each for each in document["scrape_configs"] if each["job_name"] == EXPORTER)
    if exporter:
        # There is no name of a container to be found.
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [f"{settings.connect_host}:{settings.exporter_port}"]}]
    else:
        document["scrape_configs"].remove(job)
    if settings.secure:
        (job,) = (each for each in document["scrape_configs"] if each["job_name"] == REGISTRY)
        job |= {"scheme": "https", "tls_config": {"ca_file": str(settings.secure.ca)}}
    written: str = yaml.safe_dump(document, sort_keys=False)
    return written


def routed(settings: StackSettings) -> str:
    """Return Alertmanager's configuration with this machine's addresses."""
    return _here((settings.prometheus_config_dir / "alertmanager.yaml").read_text(), settings)


def _here(text: str, settings: StackSettings) -> str:
    ports = {
        "analytics:8400": settings.analytics_port,
        "alerting:8200": settings.alerting_port,
        "recommender:8100": settings.recommender_port,
        "dashboard:8090": settings.dashboard_port,
        "alertmanager:9093": settings.alertmanager_port,
        "kafka:9404": settings.kafka_metrics_port,
        "jobmanager:9249": settings.flink_jobmanager_metrics_port,
        "taskmanager:9249": settings.flink_taskmanager_metrics_port,
        "registry:8085": settings.registry_port,
    }
    for name, port in ports.items():
        text = text.replace(name, f"{settings.connect_host}:{port}")
    return text


def _program(name: str) -> str:
    return shutil.which(name) or shutil.which(PACKAGES[name]) or name


def _write(name: str, path: Path, text: str) -> None:
    if not shutil.which(_program(name)):
        raise StackError(f"{name} is not on this machine: install it (`apt install {PACKAGES[name]}`), or leave it out")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
