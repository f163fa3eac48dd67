"""Grafana, for whoever wants dashboards: an optional process, a program of this machine, told everything by variables."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from footfall_stack.model import Process, StackError
from footfall_stack.paths import REPOSITORY, Layout
from footfall_stack.probes import http_ok
from footfall_stack.settings import StackSettings

NAME = "grafana"
SOURCE = REPOSITORY / "deploy" / "grafana"
PROGRAMS = (("grafana", "server"), ("grafana-server",))
"""How it is called, and was."""
LINKS = {"http://localhost:8090/": "dashboard_port", "http://localhost:8081/": "flink_rest_port"}
"""Where the dashboards lead to, by the setting that may have moved it."""
HOW_TO_GET_IT = (
    'Grafana is not on this machine: install Grafana 11 or newer (grafana.com/docs, "Install"), '
    "or run it as a container: `COMPOSE_PROFILES=monitoring docker compose up`"
)
QUIET = {
    # It tells nobody of itself, and loads nothing from elsewhere.
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_ANALYTICS_FEEDBACK_LINKS_ENABLED": "false",
    "GF_NEWS_NEWS_FEED_ENABLED": "false",
    "GF_SECURITY_DISABLE_GRAVATAR": "true",
    "GF_PLUGINS_PREINSTALL_DISABLED": "true",
    "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
    # Who has no login sees nothing.
    "GF_AUTH_ANONYMOUS_ENABLED": "false",
    "GF_USERS_ALLOW_SIGN_UP": "false",
    "GF_LOG_MODE": "console",
}


def grafana(settings: StackSettings, layout: Layout) -> Process:
    """Return what shows the dashboards."""
    url = settings.url(settings.grafana_port)
    return Process(
        name=NAME,
        argv=(*(_program() or PROGRAMS[0]), f"--homepath={_home()}"),
        ready=http_ok(f"{url}/api/health"),
        prepare=lambda: _prepare(settings, layout),
        env=variables(settings, layout),
        ports={"GRAFANA_PORT": settings.grafana_port},
        memory_mib=200,
        url=url,
        optional=True,
    )


def variables(settings: StackSettings, layout: Layout) -> dict[str, str]:
    """Return what Grafana and its provisioning are told."""
    home, dashboards = layout.home(NAME), layout.config(NAME) / "dashboards"
    return QUIET | {
        "GF_SERVER_HTTP_ADDR": settings.connect_host,
        "GF_SERVER_HTTP_PORT": str(settings.grafana_port),
        "GF_SECURITY_ADMIN_USER": "admin",
        "GF_SECURITY_ADMIN_PASSWORD": settings.grafana_password.get_secret_value(),
        "GF_PATHS_DATA": str(home),
        "GF_PATHS_LOGS": str(home / "logs"),
        "GF_PATHS_PLUGINS": str(home / "plugins"),
        "GF_PATHS_PROVISIONING": str(SOURCE / "provisioning"),
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(dashboards / "footfall-ecommerce.json"),
        "GRAFANA_DASHBOARDS": str(dashboards),
        "GRAFANA_PROMETHEUS_URL": settings.url(settings.prometheus_port),
        "GRAFANA_POSTGRES_ADDRESS": f"{settings.postgres_host}:{settings.postgres_port}",
        "GRAFANA_POSTGRES_USER": settings.postgres_reader,
        "GRAFANA_POSTGRES_PASSWORD": settings.postgres_reader_password.get_secret_value(),
        "GRAFANA_POSTGRES_DATABASE": settings.postgres_db,
        "GRAFANA_POSTGRES_SSLMODE": "disable",
    }


def where_there_is_one(processes: Iterable[Process], asked: Iterable[str]) -> tuple[list[Process], str]:
    """Return the processes and what to say: Grafana is left out where there is none, unless it was asked for by name."""
    processes = list(processes)
    if _program() or NAME in asked or NAME not in {process.name for process in processes}:
        return processes, ""
    return [process for process in processes if process.name != NAME], f"No dashboards: {HOW_TO_GET_IT}"


def _program() -> tuple[str, ...] | None:
    for name, *arguments in PROGRAMS:
        if path := shutil.which(name):
            return path, *arguments
    return None


def _home() -> Path:
    """Return where its pages and defaults are: beside the program, or where packages put them."""
    found = _program()
    beside = Path(found[0]).resolve().parents[1] if found else None
    return beside if beside and (beside / "conf" / "defaults.ini").is_file() else Path("/usr/share/grafana")


def _prepare(settings: StackSettings, layout: Layout) -> None:
    if not _program():
        raise StackError(f"{NAME}: {HOW_TO_GET_IT}")
    folder = layout.config(NAME) / "dashboards"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (SOURCE / "dashboards").glob("*.json"):
        (folder / path.name).write_text(_here(path.read_text(), settings))


def _here(text: str, settings: StackSettings) -> str:
    """Return a dashboard with links to this run's pages."""
    for url, port in LINKS.items():
        text = text.replace(url, f"http://localhost:{getattr(settings, port)}/")
    return text
