"""docker-compose.yaml, the images and the embedded stack name the same processes, entry points, variables and versions."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from footfall_alerting.settings import AlertingSettings
from footfall_analytics.postgres.ddl import statements, streams
from footfall_analytics.settings import AnalyticsSettings
from footfall_chassis.settings import Settings
from footfall_dashboard.settings import DashboardSettings
from footfall_exporter.settings import ADAPTERS, ExporterSettings
from footfall_generator.settings import GeneratorSettings
from footfall_health.shop import ShopSettings
from footfall_recommender.settings import RecommenderSettings
from footfall_schemas.access import ADMIN, SUPER_USERS
from footfall_schemas.topics import topic
from footfall_stack.exporters import AGENT, BROKER
from footfall_stack.exporters import PORT as METRICS_PORT
from footfall_stack.kafka import kafka
from footfall_stack.paths import CONFIG, REPOSITORY, Layout
from footfall_stack.processes import all_processes
from footfall_stack.registry import registry
from footfall_stack.secure import PRINCIPALS
from footfall_stack.settings import StackSettings

from support.answering import answering
from support.proxies import BEHIND_A_DEAD_PROXY

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECURE: dict[str, dict[str, Any]] = yaml.safe_load((REPOSITORY / "compose.secure.yaml").read_text())["services"]
DEFAULTS = dict(
    line.split("=", 1) for line in (REPOSITORY / ".env").read_text().splitlines() if line and not line.startswith("#")
)
SETTINGS: dict[str, type[Settings]] = {
    "analytics": AnalyticsSettings,
    "analytics-stock": AnalyticsSettings,
    "generator": GeneratorSettings,
    "alerting": AlertingSettings,
    "recommender": RecommenderSettings,
    "dashboard": DashboardSettings,
    "exporter": ExporterSettings,
}
MORE: dict[str, set[str]] = {"exporter": {name for adapter in ADAPTERS for name in adapter.variables()}}
"""What a part's adapters read besides."""
SHOP = {variable for variable in ShopSettings.variables() if variable != "ANALYTICS_TOPIC_PREFIX"}
"""What the live page must know of the jobs; its own prefix is theirs."""
IN_THE_IMAGE = {
    # Places of the container, which its image knows.
    *(
        "FOOTFALL_DATA_DIR",
        "FOOTFALL_JARS_DIR",
        "ANALYTICS_HOST",
        "ANALYTICS_PORT",
        "ALERTING_HOST",
        "ALERTING_PORT",
        "RECOMMENDER_HOST",
        "RECOMMENDER_PORT",
        "DASHBOARD_HOST",
        "DASHBOARD_PORT",
        "EXPORTER_HOST",
        "EXPORTER_PORT",
    ),
    # Files that a mount must bring: docs/compose.md.
    *("ALERTING_ENDPOINTS_FILE", "ANALYTICS_POSTGRES_PASSWORD_FILE"),
}
SECURITY = {
    *("KAFKA_SECURITY_PROTOCOL", "KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"),
    *("KAFKA_SSL_CA_LOCATION", "SCHEMA_REGISTRY_USER", "SCHEMA_REGISTRY_PASSWORD", "SCHEMA_REGISTRY_CA_LOCATION"),
}
"""Told by compose.secure.yaml."""
FILES = {"KAFKA_SASL_PASSWORD_FILE", "SCHEMA_REGISTRY_PASSWORD_FILE"}
IMAGES = {
    "analytics": "jvm",
    "analytics-stock": "jvm",
    "sql": "jvm",
    "registry": "jvm",
    "kafka": "jvm",
    "jobmanager": "jvm",
    "taskmanager": "jvm",
}
WRITES_ITS_ROOT = {"kafka", "opensearch", "opensearch-dashboards"}
COMMANDS = {"sql": "footfall_analytics.adhoc"}
"""What is run on request, with a profile of its name: no process of the stack, but a command of `footfall`."""
TOOLS = {"kafka-ui": "kafka-ui", "opensearch-dashboards": "opensearch"}
"""Programs of others, run on request, with the profile that asks for them; the embedded stack has none of them."""


def dockerfile(service: str) -> str:
    return (REPOSITORY / "deploy" / "docker" / f"{IMAGES.get(service, service)}.Dockerfile").read_text()


def stage(service: str) -> str:
    """Return the last stage of the service's image."""
    target = SERVICES[service]["build"].get("target")
    stages = re.split(r"(?m)^(?=FROM )", dockerfile(service))
    return next(text for text in stages if re.match(rf"FROM \S+ AS {target}\n", text)) if target else stages[-1]


def test_compose_runs_what_the_embedded_stack_runs() -> None:
    embedded = {process.name: process for process in all_processes(StackSettings())}

    assert set(SERVICES) == set(embedded) | set(COMMANDS) | set(TOOLS)
    assert {name for name in SERVICES if "profiles" in SERVICES[name]} - set(COMMANDS) - set(TOOLS) == {
        name for name, process in embedded.items() if process.optional
    }
    for name, process in embedded.items():
        assert set(process.needs) <= set(SERVICES[name].get("depends_on", {})), name


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_run_on_request_with_what_the_job_is_told(name: str) -> None:
    service, job = SERVICES[name], SERVICES["analytics"]

    assert service["profiles"] == [name]
    assert service["entrypoint"] == ["python", "-m", COMMANDS[name]]
    assert (service["restart"], service["stdin_open"], service["tty"]) == ("no", True, True)
    assert (service["image"], service["build"]) == (job["image"], job["build"])
    # It leaves the job's folder alone.
    own = {"FOOTFALL_DATA_DIR": "/tmp/footfall"}  # noqa: S108
    assert "volumes" not in service
    assert (
        service["environment"]
        == {variable: value for variable, value in job["environment"].items() if variable != "ANALYTICS_JOB"} | own
    )


@pytest.mark.programs
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_a_container_needs_no_footfall_command(name: str) -> None:
    asked = [sys.executable, "-m", COMMANDS[name], "--help"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "200"})

    assert done.returncode == 0
    assert f"Usage: {name} [OPTIONS]" in done.stdout


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_of_others_is_pinned_and_run_on_request(name: str) -> None:
    service = SERVICES[name]

    assert service["profiles"] == [TOOLS[name]]
    assert "build" not in service
    variable = service["image"].removeprefix("${").removesuffix("}")
    assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+\.\d+", DEFAULTS[variable])


def test_the_kafka_ui_finds_broker_and_registry_and_may_change_nothing() -> None:
    given, known = SERVICES["kafka-ui"]["environment"], SERVICES["alerting"]["environment"]

    assert given["KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS"] == known["KAFKA_BOOTSTRAP_SERVERS"]
    assert given["KAFKA_CLUSTERS_0_SCHEMAREGISTRY"] == known["SCHEMA_REGISTRY_URL"]
    assert given["KAFKA_CLUSTERS_0_READONLY"] == "true"
    assert given["DYNAMIC_CONFIG_ENABLED"] == "false"
    assert SERVICES["kafka-ui"]["ports"] == ["127.0.0.1:${KAFKA_UI_PORT}:8080"]
    taken = {value for name, value in DEFAULTS.items() if name.endswith("_PORT")}
    assert DEFAULTS["KAFKA_UI_PORT"] == "8091"
    assert len(taken) == len([name for name in DEFAULTS if name.endswith("_PORT")])


def test_every_need_is_waited_for_until_it_is_healthy() -> None:
    for name, service in SERVICES.items():
        for need, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}, (name, need)
            assert "healthcheck" in SERVICES[need], need


@pytest.mark.parametrize("name", SETTINGS)
def test_a_container_is_started_as_the_embedded_process(name: str) -> None:
    embedded = next(process for process in all_processes(StackSettings()) if process.name == name)
    command = ", ".join(f'"{word}"' for word in ["python", *embedded.argv[1:]])

    assert f"CMD [{command}]" in stage(name)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_container_is_handed_every_setting_and_nothing_else(name: str) -> None:
    known = set(SETTINGS[name].variables()) | set(SHOP if name == "dashboard" else MORE.get(name, ()))
    given = set(SERVICES[name]["environment"])

    assert given <= known
    assert known - given <= IN_THE_IMAGE | SECURITY


@pytest.mark.parametrize("name", ["alerting", "recommender", "dashboard", "exporter", "analytics"])
@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_a_service_is_asked_for_its_health_past_a_proxy(name: str, status: int, healthy: bool) -> None:  # noqa: FBT001
    *_, code, port = SERVICES[name]["healthcheck"]["test"]
    assert int(port) == getattr(StackSettings(), f"{name}_port")

    with answering({"/health/ready": (status, {})}) as url:
        asked = [sys.executable, "-c", code, url.rpartition(":")[2]]
        done = subprocess.run(asked, env=os.environ | BEHIND_A_DEAD_PROXY, capture_output=True, check=False)

    assert (done.returncode == 0) is healthy


def test_ports_are_variables_with_the_stacks_defaults_and_open_to_this_machine_only() -> None:
    stack = StackSettings()
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            host, variable, inside = re.fullmatch(r"([\d.]+):\$\{(\w+)\}:(\d+)", port).groups()  # type: ignore[union-attr]
            assert host == "127.0.0.1", name
            if name in TOOLS:
                continue
            assert int(DEFAULTS[variable]) == getattr(stack, variable.lower()) == int(inside), name


def test_the_broker_has_the_embedded_ones_settings(tmp_path: Path) -> None:
    given = SERVICES["kafka"]["environment"]
    for line in (CONFIG / "kafka" / "kafka.properties").read_text().splitlines():
        name, _, value = line.partition("=")
        variable = f"KAFKA_{name.upper().replace('.', '_')}"
        if value and "${" not in value and name not in {"listener.security.protocol.map", "controller.listener.names"}:
            assert str(given[variable]) == value, name
    megabytes = StackSettings().kafka_retention_mib * 1024 * 1024
    assert given["KAFKA_LOG_RETENTION_BYTES"] == f"${{KAFKA_RETENTION_BYTES:-{megabytes}}}"
    assert kafka(StackSettings(), Layout(tmp_path)).grace == float(SERVICES["kafka"]["stop_grace_period"].rstrip("s"))


def test_the_registry_has_the_embedded_ones_settings(tmp_path: Path) -> None:
    embedded = registry(StackSettings(), Layout(tmp_path)).env
    given = {name: value for name, value in SERVICES["registry"]["environment"].items() if name != "JAVA_TOOL_OPTIONS"}
    places = {"QUARKUS_HTTP_HOST", "QUARKUS_HTTP_PORT", "APICURIO_DATASOURCE_URL"}

    assert given.keys() == embedded.keys()
    assert {name for name in given if given[name] != embedded[name]} <= places


def test_prometheus_asks_the_containers_where_they_answer() -> None:
    scraped = yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "prometheus.yaml").read_text())["scrape_configs"]
    fixed = [job for job in scraped if "static_configs" in job]
    targets = dict(each.split(":") for job in fixed for each in job["static_configs"][0]["targets"])
    # What need not run is looked for by its container's name.
    looked_for = [name for job in scraped for each in job.get("dns_sd_configs", []) for name in each["names"]]
    assert [name for name in targets if "profiles" in SERVICES[name] and name != "alertmanager"] == []
    assert looked_for == ["exporter"]
    assert all("profiles" in SERVICES[name] for name in looked_for)

    agent = re.fullmatch(r"-javaagent:(.+)=(\d+):(.+)", SERVICES["kafka"]["environment"]["KAFKA_OPTS"])
    assert agent
    assert targets["kafka"] == agent[2] == str(StackSettings().kafka_metrics_port)
    copied = re.search(r"COPY --from=jars /jars/monitoring (\S+)\nCOPY (\S+) (\S+)", stage("kafka"))
    assert copied
    assert (f"{copied[1]}/{AGENT.name}", copied[3]) == (agent[1], agent[3])
    assert (REPOSITORY / copied[2]) == BROKER
    configuration = yaml.safe_load((REPOSITORY / "deploy" / "docker" / "flink.yaml").read_text())
    assert targets["jobmanager"] == targets["taskmanager"] == str(configuration[METRICS_PORT])
    assert targets["registry"] == SERVICES["registry"]["environment"]["QUARKUS_HTTP_PORT"]


def test_one_version_of_each_part() -> None:
    pom = (REPOSITORY / "stack" / "pom.xml").read_text()
    flink = re.search(r"<flink.version>(.+)</flink.version>", pom)[1]  # type: ignore[index]
    broker = re.search(r"<kafka.version>(.+)</kafka.version>", pom)[1]  # type: ignore[index]
    postgres = re.search(r"<postgresql.version>(\d+)", pom)[1]  # type: ignore[index]

    assert DEFAULTS["FLINK_IMAGE"] == f"flink:{flink}-java17"
    assert DEFAULTS["KAFKA_IMAGE"] == f"apache/kafka:{broker}"
    assert DEFAULTS["POSTGRES_IMAGE"] == f"postgres:{postgres}"
    runner = re.search(
        r"<opensearch.runner.version>(.+)\.\d+</", (REPOSITORY / "stack" / "opensearch" / "pom.xml").read_text()
    )
    assert runner
    assert DEFAULTS["OPENSEARCH_IMAGE"] == f"opensearchproject/opensearch:{runner[1]}"
    assert DEFAULTS["OPENSEARCH_DASHBOARDS_IMAGE"] == f"opensearchproject/opensearch-dashboards:{runner[1]}"
    for path in (REPOSITORY / "deploy" / "docker").glob("*.Dockerfile"):
        for variable, value in re.findall(r"(?m)^ARG (\w+_IMAGE)=(.+)$", path.read_text()):
            assert DEFAULTS[variable] == value, path.name
    uv = re.search(r"UV=(uv==\S+)", (REPOSITORY / "stack" / "setup.sh").read_text())[1]  # type: ignore[index]
    for path in (REPOSITORY / "deploy" / "docker").glob("*.Dockerfile"):
        assert f"ARG UV={uv}" in path.read_text(), path.name


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]

    assert service["init"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["read_only"] is (name not in WRITES_ITS_ROOT)
    if "build" in service:
        assert re.search(r"(?m)^USER [1-9]\d+:", stage(name)), "it must not run as root"


def test_secure_connections_are_those_of_the_embedded_stack() -> None:
    given = SECURE["kafka"]["environment"]
    embedded = dict(
        line.split("=", 1)
        for line in (CONFIG / "kafka" / "secure.properties").read_text().replace("\\\n", "").splitlines()
        if "=" in line and not line.startswith("#")
    )
    for name, value in embedded.items():
        # Containers name the listener instead of the protocol.
        own = name.startswith("listener.name.sasl_ssl") or name == "security.inter.broker.protocol"
        if not own and "${" not in value:
            assert given[f"KAFKA_{name.upper().replace('.', '_')}"] == value, name
    assert given["KAFKA_SUPER_USERS"] == ";".join(f"User:{name}" for name in SUPER_USERS)
    for name, principal in (PRINCIPALS | dict.fromkeys(COMMANDS, ADMIN)).items():
        service = {**SECURE["analytics"], **SECURE[name]}
        assert service["environment"]["KAFKA_SASL_USERNAME"] == principal
        assert service["environment"]["SCHEMA_REGISTRY_USER"] == principal
        assert service["volumes"] == [f"secure-{principal}:/secure:ro"]
        assert service["depends_on"]["access"] == {"condition": "service_completed_successfully"}
        assert service["environment"].keys() <= {*SETTINGS.get(name, AnalyticsSettings).variables(), *FILES}


@pytest.mark.parametrize("name", ["certificates", "access"])
def test_the_image_has_what_makes_certificates_and_rights(name: str) -> None:
    module = re.search(r"footfall_\w+", str(SECURE[name]["command"]))[0]  # type: ignore[index]
    image = stage("analytics")
    path = re.search(r"PYTHONPATH=(\S+)", image)[1].split(":")  # type: ignore[index]
    parts = [folder.removeprefix("/app/") for folder in path]

    assert SECURE[name]["image"] == SERVICES["analytics"]["image"]
    assert [part for part in parts if (REPOSITORY / part / module).is_dir() and f"COPY {part} {part}\n" in image]
    shipped = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert [part for part in parts if f"!{part.partition('/')[0]}" not in shipped] == []


def test_postgres_begins_with_every_table() -> None:
    topics = [*streams(), *map(topic, ("products", "users", "categories"))]

    wanted = ";\n".join(statements(AnalyticsSettings().postgres_schema, topics)) + ";\n"
    assert (REPOSITORY / "deploy" / "postgres" / "schema.sql").read_text() == wanted, "run `make manifests`"


def test_compose_accepts_the_file() -> None:
    asked = ["docker", "compose", "version"]
    if not shutil.which("docker") or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not installed")
    for more in ([], ["--file", "docker-compose.yaml", "--file", "compose.secure.yaml"]):
        command = ["docker", "compose", *more, "--profile", "*", "config", "--quiet"]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
