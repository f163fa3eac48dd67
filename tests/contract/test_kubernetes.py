"""The Kubernetes manifests against the code: what runs, by which command, with which settings, ports and probes."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from footfall_alerting.settings import AlertingSettings
from footfall_alerting.topics import own_topics
from footfall_analytics.compiling.options import job_options
from footfall_analytics.settings import AnalyticsSettings
from footfall_chassis.health import Health
from footfall_chassis.settings import Settings
from footfall_dashboard.settings import DashboardSettings
from footfall_exporter import dead_letters as exporter
from footfall_generator.settings import GeneratorSettings
from footfall_recommender.app import DEAD_LETTER_TOPIC
from footfall_recommender.settings import RecommenderSettings
from footfall_schemas.topics import Topic, load_topics
from footfall_stack.model import Process
from footfall_stack.processes import all_processes
from footfall_stack.settings import StackSettings

from support.manifests import (
    BASE,
    DEV,
    documents,
    flink,
    kustomization,
    mebibytes,
    of_kind,
    patches,
    pods,
    shared_settings,
)
from support.manifests import topics_script as script
from support.receiver import SECRET

SETTINGS: dict[str, type[Settings]] = {
    "analytics": AnalyticsSettings,
    "alerting": AlertingSettings,
    "recommender": RecommenderSettings,
    "dashboard": DashboardSettings,
    "generator": GeneratorSettings,
}
OF_THE_CONTAINER = {"USER", "JAVA_TOOL_OPTIONS"}
"""Variables that are no settings of ours and that `make run` does not need."""
OWN = [*own_topics(), DEAD_LETTER_TOPIC, exporter.TOPIC]
TOPICS = {topic.name: topic for topic in [*load_topics().values(), *OWN]}
PYTHON = sorted(SETTINGS)


@pytest.fixture(scope="module")
def processes() -> dict[str, Process]:
    return {process.name: process for process in all_processes(StackSettings())}


def test_the_file_of_topics_is_what_the_script_writes() -> None:
    assert script()["manifest"]() == (BASE / "topics.yaml").read_text(), "run make manifests"


def test_every_topic_is_described_once() -> None:
    assert sorted(TOPICS) == sorted(item["spec"]["topicName"] for item in of_kind("KafkaTopic").values())


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
def test_a_topic_is_described_as_footfall_creates_it(topic: Topic) -> None:
    (described,) = [item for item in of_kind("KafkaTopic").values() if item["spec"]["topicName"] == topic.name]

    assert described["spec"] == {"topicName": topic.name, "partitions": topic.partitions, "config": topic.config()}
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", described["metadata"]["name"])
    assert described["metadata"]["labels"]["strimzi.io/cluster"] in of_kind("Kafka")


def test_every_process_runs_and_nothing_else(processes: dict[str, Process]) -> None:
    required = {name for name, process in processes.items() if not process.optional}
    here = set(pods())

    # Operators run these.
    assert required - here == {"kafka", "jobmanager", "taskmanager"}
    assert here <= required


@pytest.mark.parametrize("name", PYTHON)
def test_the_command_is_that_of_the_process(name: str, processes: dict[str, Process]) -> None:
    pod = pods()[name]

    assert pod.container["command"] == ["python", *processes[pod.name].argv[1:]]


@pytest.mark.parametrize("name", sorted(pods()))
def test_every_variable_is_known(name: str, processes: dict[str, Process]) -> None:
    pod = pods()[name]
    settings = SETTINGS[name].variables() if name in SETTINGS else {}

    assert pod.variables - set(settings) - set(processes[pod.name].env) <= OF_THE_CONTAINER
    assert len(pod.variables) == len(pod.container.get("env", []))


def test_every_shared_setting_is_somebodys() -> None:
    known = {variable for settings in SETTINGS.values() for variable in settings.variables()}

    assert set(shared_settings()) <= known


@pytest.mark.parametrize("name", PYTHON)
def test_the_settings_load(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable, value in (shared_settings() | pods()[name].literals).items():
        monkeypatch.setenv(variable, value)
    if name == "alerting":
        endpoints = tmp_path / "endpoints.json"
        endpoints.write_text(
            '[{"id": "shop", "url": "https://shop.example/hook", "secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}]'
        )
        monkeypatch.setenv("ALERTING_ENDPOINTS_FILE", str(endpoints))
        monkeypatch.setenv("ALERTING_TOKEN", "of-the-secret-of-this-name")

    if name == "dashboard":
        monkeypatch.setenv("DASHBOARD_TOKEN", "of-the-secret-of-this-name")

    SETTINGS[name].load()


def test_only_the_overlay_for_development_lets_webhooks_go_anywhere_but_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def cautions(settings: dict[str, str]) -> list[str]:
        for variable, value in (
            settings | {"ALERTING_WEBHOOK_URL": "https://shop.example/", "ALERTING_WEBHOOK_SECRET": SECRET}
        ).items():
            monkeypatch.setenv(variable, value)
        return [caution.split(" ")[0] for caution in AlertingSettings.load().cautions()]

    (generated,) = kustomization(DEV)["configMapGenerator"]
    own = dict(literal.split("=", 1) for literal in generated["literals"])

    assert (generated["name"], generated["behavior"]) == ("footfall", "merge")
    assert cautions(shared_settings()) == []
    assert cautions(shared_settings() | own) == ["ALERTING_ALLOW_HTTP", "ALERTING_ALLOWED_NETWORKS"]


def test_the_registry_is_told_what_it_is_told_by_make_run(processes: dict[str, Process]) -> None:
    theirs, ours = pods()["registry"].literals, processes["registry"].env

    same = {name for name in ours if not name.startswith("APICURIO_DATASOURCE")} - {"QUARKUS_HTTP_HOST"}
    assert {name: theirs.get(name) for name in same} == {name: ours[name] for name in same}
    assert theirs["APICURIO_DATASOURCE_URL"].startswith("jdbc:h2:file:/data/")


@pytest.mark.parametrize("name", ["alerting", "recommender", "dashboard", "registry"])
def test_the_port_is_the_same_everywhere(name: str, processes: dict[str, Process]) -> None:
    (port,) = processes[name].ports.values()
    (container_port,) = pods()[name].container["ports"]
    (service_port,) = of_kind("Service")[name]["spec"]["ports"]

    assert container_port == {"name": "http", "containerPort": port}
    assert service_port == {"name": "http", "port": port, "targetPort": "http"}
    if name in SETTINGS:
        assert pods()[name].literals[f"{name.upper()}_PORT"] == str(port)
        assert pods()[name].literals[f"{name.upper()}_HOST"] == "0.0.0.0"
        annotations = of_kind("Deployment")[name]["spec"]["template"]["metadata"]["annotations"]
        assert annotations["prometheus.io/port"] == str(port)


@pytest.mark.parametrize("name", ["alerting", "recommender", "dashboard"])
def test_probes_ask_for_what_the_services_answer(name: str) -> None:
    paths = {route.path for route in Health("footfall-alerting").routes()}
    container = pods()[name].container
    asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}

    assert asked == {
        "startupProbe": {"path": "/health/live", "port": "http"},
        "livenessProbe": {"path": "/health/live", "port": "http"},
        "readinessProbe": {"path": "/health/ready", "port": "http"},
    }
    assert {probe["path"] for probe in asked.values()} <= paths
    assert of_kind("Deployment")[name]["spec"]["template"]["metadata"]["annotations"]["prometheus.io/path"] in paths


def test_the_supervisor_is_ready_by_its_file() -> None:
    analytics = pods()["analytics"]

    assert analytics.container["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": "http"}
    assert analytics.container["ports"] == [
        {"name": "http", "containerPort": int(analytics.literals["ANALYTICS_PORT"])}
    ]


def test_there_is_one_supervisor_at_a_time() -> None:
    deployment = of_kind("Deployment")["analytics"]["spec"]

    assert deployment["replicas"] == 1
    assert deployment["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize("name", sorted(pods()))
def test_memory_and_time_to_end_suffice(name: str, processes: dict[str, Process]) -> None:
    pod = pods()[name]
    resources, process = pod.container["resources"], processes[pod.name]
    requested, limit = (mebibytes(resources[kind]["memory"]) for kind in ("requests", "limits"))

    assert process.memory_mib <= requested <= limit
    assert "cpu" in resources["requests"]
    assert pod.spec.get("terminationGracePeriodSeconds", 30) > process.grace


def test_images_are_named_after_their_parts() -> None:
    named = {pod.container["image"] for pod in pods().values()} | {flink()["image"]}
    tagged = {item["name"] for folder in (BASE, DEV) for item in kustomization(folder)["images"]}

    assert named == {f"footfall/{part}" for part in ["flink", *pods()]} == tagged


def test_addresses_lead_to_services() -> None:
    settings = shared_settings()
    registry, rest = urlsplit(settings["SCHEMA_REGISTRY_URL"]), urlsplit(settings["FLINK_REST_URL"])
    (listener,) = of_kind("Kafka")["footfall"]["spec"]["kafka"]["listeners"]

    assert (registry.hostname, registry.port) == ("registry", StackSettings().registry_port)
    assert registry.path == urlsplit(StackSettings().registry_url).path
    # Names the operators give to what they make.
    assert (rest.hostname, rest.port) == ("flink-rest", StackSettings().flink_rest_port)
    (jobmanager,) = flink()["jobManager"]["podTemplate"]["spec"]["containers"]
    assert jobmanager["readinessProbe"]["httpGet"] == {"path": "/overview", "port": rest.port}
    assert settings["KAFKA_BOOTSTRAP_SERVERS"] == f"footfall-kafka-bootstrap:{listener['port']}"


def test_the_supervisor_looks_for_snapshots_where_flink_puts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in pods()["analytics"].literals.items():
        monkeypatch.setenv(variable, value)
    options, configuration = job_options(AnalyticsSettings.load()), flink()["flinkConfiguration"]
    volumes = flink()["podTemplate"]["spec"], pods()["analytics"].spec

    for option in ("execution.checkpointing.dir", "execution.checkpointing.savepoint-dir"):
        assert configuration[option] == options[option]
    for spec in volumes:
        assert {"name": "state", "mountPath": "/data"} in spec["containers"][0]["volumeMounts"]
        assert {"name": "state", "persistentVolumeClaim": {"claimName": "flink-state"}} in spec["volumes"]
    assert volumes[0]["securityContext"] == volumes[1]["securityContext"]


def test_every_resource_file_is_part_of_its_folder() -> None:
    for folder in (BASE, DEV):
        files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml", "images.yaml", *patches(folder)}
        assert {item for item in kustomization(folder)["resources"] if item.endswith(".yaml")} == files
        assert documents(folder)
