import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from footfall_alerting.settings import AlertingSettings
from footfall_stack import plugins, processes
from footfall_stack.cli import app
from footfall_stack.model import Process
from footfall_stack.settings import StackSettings
from footfall_stack.surroundings import for_commands
from typer.testing import CliRunner

RUNNER = CliRunner()
OWN = {"setup", "run", "stop", "status", "logs", "doctor"}

greet = typer.Typer()


@greet.command()
def hello(name: str) -> None:
    typer.echo(f"hello {name}")


def shout(word: str) -> None:
    """Say it loudly."""
    typer.echo(word.upper())


def tell() -> None:
    """Say where the stack is."""
    typer.echo(" ".join(os.environ[name] for name in ("KAFKA_BOOTSTRAP_SERVERS", "FLINK_REST_URL")))


@pytest.fixture(autouse=True)
def empty_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Commands are told of the stack by variables, which must not outlive the test.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setenv("FOOTFALL_DATA_DIR", str(tmp_path))


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    # Under --import-mode=importlib this module has no name to import it by; entry points need one.
    monkeypatch.setitem(sys.modules, "commands_of_others", sys.modules[__name__])
    found = [
        EntryPoint("greet", "commands_of_others:greet", plugins.GROUP),
        EntryPoint("shout", "commands_of_others:shout", plugins.GROUP),
        EntryPoint("tell", "commands_of_others:tell", plugins.GROUP),
        EntryPoint("broken", "no_such_module:app", plugins.GROUP),
    ]

    def entry_points(*, group: str) -> list[EntryPoint]:
        return [entry for entry in found if entry.group == group]

    monkeypatch.setattr(plugins, "entry_points", entry_points)


@pytest.mark.usefixtures("entries")
def test_the_help_lists_commands_of_others_without_importing_them() -> None:
    result = RUNNER.invoke(app, ["--help"])

    assert result.exit_code == 0
    assert all(name in result.output for name in (*OWN, "greet", "shout", "broken"))


@pytest.mark.usefixtures("entries")
def test_a_typer_application_and_a_function_become_commands() -> None:
    assert RUNNER.invoke(app, ["greet", "hello", "you"]).output == "hello you\n"
    assert RUNNER.invoke(app, ["shout", "loud"]).output == "LOUD\n"
    assert "Say it loudly" in RUNNER.invoke(app, ["shout", "--help"]).output


@pytest.mark.usefixtures("entries")
def test_a_command_that_cannot_be_imported_is_one_line() -> None:
    result = RUNNER.invoke(app, ["broken"])

    assert result.exit_code == 1
    assert result.output.startswith("footfall: `footfall broken` cannot be loaded (")
    assert len(result.output.splitlines()) == 1


@pytest.mark.usefixtures("entries")
def test_a_command_finds_the_stack_that_the_same_variables_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PORT", "19092")
    monkeypatch.setenv("FLINK_REST_URL", "http://elsewhere:1")

    assert RUNNER.invoke(app, ["tell"]).output == "127.0.0.1:19092 http://elsewhere:1\n"


def test_nothing_running_is_said(tmp_path: Path) -> None:
    status = RUNNER.invoke(app, ["status"])
    stop = RUNNER.invoke(app, ["stop"])
    logs = RUNNER.invoke(app, ["logs", "kafka"])

    assert (status.exit_code, status.output) == (1, "Nothing is running; `footfall run` starts everything.\n")
    assert (stop.exit_code, stop.output) == (0, "Nothing is running.\n")
    assert logs.exit_code == 1
    assert str(tmp_path) in logs.output.replace("\n", "")


def test_an_unknown_process_is_named() -> None:
    result = RUNNER.invoke(app, ["run", "--only", "kafak"])

    assert result.exit_code == 1
    assert result.output == "footfall: unknown process 'kafak': did you mean kafka?\n"


def test_ctrl_c_has_the_status_that_shells_give_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("footfall_stack.lifecycle.stop", interrupted)

    result = RUNNER.invoke(app, ["stop"])

    assert (result.exit_code, result.output) == (130, "")


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PORT", "high")

    result = RUNNER.invoke(app, ["run"])

    assert result.exit_code == 2
    assert result.output.startswith("KAFKA_PORT: ")


def test_the_help_imports_no_other_part() -> None:
    code = """
import sys
from footfall_stack.cli import app
try:
    app(["--help"])
except SystemExit:
    heavy = {"asyncio", "psutil", "pydantic", "confluent_kafka", "footfall_analytics", "footfall_generator"}
    print("imported:", *sorted(heavy & set(sys.modules)))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.splitlines()[-1] == "imported:"


def test_parts_of_this_run_are_found_here_and_others_where_the_caller_says() -> None:
    settings = StackSettings(kafka_port=1234)
    caller = {"KAFKA_BOOTSTRAP_SERVERS": "elsewhere:1", "SCHEMA_REGISTRY_URL": "http://elsewhere:2", "HOME": "/h"}
    kafka = Process("kafka", ("kafka",), ready=lambda: True)

    env = processes.shared_environment(settings, [kafka], caller)

    assert env["KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:1234"
    assert env["SCHEMA_REGISTRY_URL"] == "http://elsewhere:2"
    assert env["FLINK_REST_URL"] == "http://127.0.0.1:8081"
    assert env["HOME"] == "/h"


@pytest.mark.parametrize(
    ("caller", "absent"),
    [
        ({"KAFKA_USER": "me", "KAFKA_PASSWORD": "x"}, {"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE"}),
        ({"KAFKA_SASL_PASSWORD": "x"}, {"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD_FILE"}),
        ({"KAFKA_CERT": "/ca.pem"}, {"KAFKA_SSL_CA_LOCATION"}),
        ({"SCHEMA_REGISTRY_USER": "me"}, {"SCHEMA_REGISTRY_PASSWORD_FILE"}),
        ({"ANALYTICS_POSTGRES_PASSWORD_FILE": "/secret"}, {"ANALYTICS_POSTGRES_PASSWORD"}),
    ],
)
def test_a_command_connects_as_an_administrator_unless_the_caller_says_who(
    tmp_path: Path, caller: dict[str, str], absent: set[str]
) -> None:
    settings = StackSettings(footfall_secure=True, footfall_data_dir=tmp_path)

    everything, found = for_commands(settings, {}), for_commands(settings, caller)

    assert everything["KAFKA_SASL_USERNAME"] == everything["SCHEMA_REGISTRY_USER"] == "admin"
    assert everything["SCHEMA_REGISTRY_URL"].startswith("https://")
    assert absent <= everything.keys()
    assert not (absent | caller.keys()) & found.keys()


def test_places_are_the_stacks_own() -> None:
    settings = StackSettings(footfall_data_dir=Path("~/shop"))

    assert for_commands(settings, {"FOOTFALL_DATA_DIR": "~/shop"})["FOOTFALL_DATA_DIR"] == str(Path.home() / "shop")


def test_results_go_into_a_postgres_of_the_run_unless_the_caller_says_otherwise() -> None:
    settings = StackSettings(postgres_port=1234)
    postgres = Process("postgres", ("postgres",), ready=lambda: True)

    env = processes.shared_environment(settings, [postgres], {"ANALYTICS_POSTGRES_PORT": "1"})

    assert env["ANALYTICS_SINKS"] == "kafka,postgres"
    assert env["ANALYTICS_POSTGRES_PORT"] == "1234"
    assert "ANALYTICS_SINKS" not in processes.shared_environment(settings, [], {})
    caller = {"ANALYTICS_SINKS": "kafka"}
    assert processes.shared_environment(settings, [postgres], caller)["ANALYTICS_SINKS"] == "kafka"


def test_a_job_for_stock_takes_its_streams_off_the_other() -> None:
    settings = StackSettings()
    by_name = {process.name: process for process in processes.all_processes(settings)}

    env = processes.shared_environment(settings, [by_name["analytics"], by_name["analytics-stock"]], {})
    assert (env | dict(by_name["analytics"].env))["ANALYTICS_JOB"] == "shop"
    assert (env | dict(by_name["analytics-stock"].env))["ANALYTICS_JOB"] == "stock"
    assert "ANALYTICS_JOB" not in processes.shared_environment(settings, [by_name["analytics"]], {})


def test_the_live_page_asks_no_service_that_is_left_out_unless_it_is_told_where_one_is(tmp_path: Path) -> None:
    settings = StackSettings(footfall_data_dir=tmp_path)
    services = {process.name: process for process in processes.all_processes(settings)}

    env = processes.shared_environment(settings, [services["dashboard"], services["recommender"]], {})
    told = processes.shared_environment(
        settings, [services["dashboard"]], {"DASHBOARD_ALERTING_URL": "http://elsewhere"}
    )

    assert (env["DASHBOARD_ALERTING_URL"], env["DASHBOARD_RECOMMENDER_URL"]) == ("", "http://127.0.0.1:8100")
    assert (told["DASHBOARD_ALERTING_URL"], told["DASHBOARD_RECOMMENDER_URL"]) == ("http://elsewhere", "")


def test_webhooks_reach_the_listener_on_this_machine_unless_the_caller_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = StackSettings(footfall_data_dir=tmp_path, dashboard_port=18090)

    def alerting(caller: dict[str, str]) -> AlertingSettings:
        env = processes.shared_environment(settings, processes.all_processes(settings), caller)
        for name, value in env.items():
            if name.startswith("ALERTING_"):
                monkeypatch.setenv(name, value)
        return AlertingSettings.load()

    usual = alerting({})
    assert [endpoint.address for endpoint in usual.receivers()] == ["http://localhost:8201/"]
    assert [str(network) for network in usual.allowed_networks] == ["127.0.0.0/8", "::1/128"]
    assert usual.dashboard_url == "http://127.0.0.1:18090/"
    assert len(usual.cautions()) == 2

    strict = alerting({"ALERTING_WEBHOOK_URL": "", "ALERTING_ALLOW_HTTP": "false", "ALERTING_ALLOWED_NETWORKS": ""})
    assert strict.receivers() == ()
    assert len(strict.cautions()) == 1


def test_the_list_of_processes_is_complete_and_its_needs_exist() -> None:
    everything = processes.all_processes(StackSettings())
    names = [process.name for process in everything]

    assert names == [
        *("kafka", "registry", "postgres", "jobmanager", "taskmanager"),
        *(
            "analytics",
            "analytics-stock",
            "generator",
            "alerting",
            "recommender",
            "dashboard",
            "opensearch",
            "exporter",
        ),
        *("prometheus", "alertmanager", "grafana"),
    ]
    assert all(need in names for process in everything for need in (*process.needs, *process.wants))
    assert sum(process.memory_mib for process in everything if not process.optional) <= 4096
