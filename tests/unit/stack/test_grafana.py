"""Grafana of `make run WITH=monitoring`: there if this machine has it, left out with one line if not."""

import json
import shutil
from pathlib import Path

import pytest
from footfall_stack.grafana import PROGRAMS, grafana, where_there_is_one
from footfall_stack.model import StackError
from footfall_stack.paths import Layout
from footfall_stack.processes import all_processes
from footfall_stack.selection import select
from footfall_stack.settings import StackSettings
from pydantic import SecretStr

SETTINGS = StackSettings(
    grafana_port=1003,
    prometheus_port=1004,
    postgres_port=1005,
    grafana_password=SecretStr("se cret"),
    postgres_reader_password=SecretStr("re ader"),
)


def installed(monkeypatch: pytest.MonkeyPatch, program: str | None) -> None:
    """Have one program of Grafana's on this machine, or none."""
    found, names = shutil.which, {name for name, *_ in PROGRAMS}

    def which(name: str) -> str | None:
        return (program if program and Path(program).name == name else None) if name in names else found(name)

    monkeypatch.setattr(shutil, "which", which)


def names(extra: str) -> tuple[set[str], str]:
    chosen, note = where_there_is_one(select(all_processes(SETTINGS), extra=[extra] if extra else []), [extra])
    return {process.name for process in chosen}, note


def test_it_comes_with_monitoring_where_this_machine_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "/usr/sbin/grafana-server")

    assert {"prometheus", "grafana"} <= names("monitoring")[0]
    assert names("monitoring")[1] == ""
    assert "grafana" not in names("")[0]


def test_without_it_the_rest_runs_and_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, None)
    chosen, note = names("monitoring")

    assert "prometheus" in chosen
    assert "grafana" not in chosen
    assert note.startswith("No dashboards: Grafana is not on this machine: install Grafana")
    assert "\n" not in note
    assert names("")[1] == ""


def test_whoever_asks_for_it_by_name_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, None)

    assert "grafana" in names("grafana")[0]
    with pytest.raises(StackError, match="install Grafana"):
        grafana(SETTINGS, Layout(tmp_path)).prepare()


def test_it_is_told_where_everything_is_and_listens_on_this_machine_only(tmp_path: Path) -> None:
    told = grafana(SETTINGS, Layout(tmp_path)).env

    assert (told["GF_SERVER_HTTP_ADDR"], told["GF_SERVER_HTTP_PORT"]) == ("127.0.0.1", "1003")
    assert (told["GF_SECURITY_ADMIN_USER"], told["GF_SECURITY_ADMIN_PASSWORD"]) == ("admin", "se cret")
    assert told["GRAFANA_PROMETHEUS_URL"] == "http://127.0.0.1:1004"
    assert told["GRAFANA_POSTGRES_ADDRESS"] == "127.0.0.1:1005"
    assert (told["GRAFANA_POSTGRES_USER"], told["GRAFANA_POSTGRES_PASSWORD"]) == ("footfall_reader", "re ader")


def test_its_pages_are_found_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "defaults.ini").touch()
    installed(monkeypatch, str(tmp_path / "bin" / "grafana-server"))
    assert f"--homepath={tmp_path}" in grafana(SETTINGS, Layout(tmp_path)).argv

    installed(monkeypatch, "/usr/sbin/grafana-server")
    assert "--homepath=/usr/share/grafana" in grafana(SETTINGS, Layout(tmp_path)).argv


@pytest.mark.parametrize(
    ("program", "command"),
    [("/opt/bin/grafana", ["/opt/bin/grafana", "server"]), ("/usr/sbin/grafana-server", ["/usr/sbin/grafana-server"])],
)
def test_it_is_started_as_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, command: list[str]
) -> None:
    installed(monkeypatch, program)

    assert list(grafana(SETTINGS, Layout(tmp_path)).argv[:-1]) == command


def test_its_boards_lead_to_the_pages_of_this_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "/usr/sbin/grafana-server")
    moved = SETTINGS.model_copy(update={"dashboard_port": 1006, "flink_rest_port": 1007})
    process = grafana(moved, Layout(tmp_path))
    process.prepare()

    boards = list(Path(process.env["GRAFANA_DASHBOARDS"]).glob("*.json"))
    assert Path(process.env["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]) in boards
    for board in boards:
        urls = [link["url"] for link in json.loads(board.read_text())["links"] if link["type"] == "link"]
        assert urls == ["http://localhost:1006/", "http://localhost:1007/"]
