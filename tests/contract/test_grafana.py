"""Dashboards: what the library makes, each panel whole, each metric one that somebody exports."""

import fnmatch
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from footfall_grafana import sources
from footfall_grafana.files import files
from footfall_grafana.sources import register_postgres
from footfall_stack.grafana import LINKS, QUIET, variables
from footfall_stack.paths import Layout
from footfall_stack.settings import StackSettings
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from support import exported
from support.dashboards import FOLDER, POSTGRES, PROMETHEUS, asked, dashboards, metrics, panels, promql
from support.markdown import tables
from support.repository import ROOT

PROMTOOL = shutil.which("promtool")
DASHBOARDS = dashboards()
NAMES = sorted(DASHBOARDS)
PANELS = [pytest.param(panel, id=f"{name}-{panel['id']}") for name in NAMES for panel in panels(DASHBOARDS[name])]
WIDTH = 24
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"


def test_the_files_are_what_the_library_writes() -> None:
    written = files()

    assert {path.name for path in FOLDER.iterdir()} == {path.name for path in written}
    for path, text in written.items():
        assert path.read_text() == text, f"{path.name}: run `make manifests`"


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_is_read_back_as_it_was(name: str) -> None:
    register_default_plugins()
    register_postgres()

    again = JSONEncoder(sort_keys=True).encode(Dashboard.from_json(DASHBOARDS[name]))

    assert json.loads(again) == DASHBOARDS[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_is_found_by_its_uid_and_leads_to_the_others(name: str) -> None:
    board = DASHBOARDS[name]

    assert board["uid"] == name
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", name)
    assert board["time"] == {"from": "now-1h", "to": "now"}
    others, *pages = board["links"]
    assert others["type"] == "dashboards"
    assert all(set(others["tags"]) <= set(other["tags"]) for other in DASHBOARDS.values())
    # The live page and Flink's, where they are by default; a run on other ports puts those in.
    assert [link["url"] for link in pages] == list(LINKS)
    defaults = {name: StackSettings.model_fields[name].default for name in LINKS.values()}
    assert [link["url"] for link in pages] == [f"http://localhost:{port}/" for port in defaults.values()]


@pytest.mark.parametrize("name", NAMES)
def test_panels_stand_in_24_columns_and_none_upon_another(name: str) -> None:
    places = [(panel["id"], panel["gridPos"]) for panel in DASHBOARDS[name]["panels"]]

    assert len({number for number, _ in places}) == len(places)
    assert [at for _, at in places if at["x"] < 0 or at["w"] < 1 or at["x"] + at["w"] > WIDTH] == []
    taken = [
        (column, line)
        for _, at in places
        for column in range(at["x"], at["x"] + at["w"])
        for line in range(at["y"], at["y"] + at["h"])
    ]
    assert len(taken) == len(set(taken))
    for _, row in itertools.groupby(sorted(places, key=lambda each: each[1]["y"]), key=lambda each: each[1]["y"]):
        assert sum(at["w"] for _, at in row) == WIDTH


def test_data_sources_are_provisioned_with_these_uids_and_passwords_from_outside() -> None:
    document = yaml.safe_load((PROVISIONING / "datasources" / "footfall.yaml").read_text())
    made = {each["uid"]: each for each in document["datasources"]}

    assert {uid: each["type"] for uid, each in made.items()} == {
        source.uid: source.type_val for source in (sources.POSTGRES, sources.PROMETHEUS)
    }
    assert {sources.POSTGRES.uid, sources.PROMETHEUS.uid} == {POSTGRES, PROMETHEUS}
    assert made[POSTGRES]["secureJsonData"] == {"password": "$GRAFANA_POSTGRES_PASSWORD"}
    (scrape,) = re.findall(r"scrape_interval: (\w+)", (ROOT / "deploy" / "prometheus" / "prometheus.yaml").read_text())
    assert made[PROMETHEUS]["jsonData"]["timeInterval"] == scrape


def test_whoever_runs_grafana_tells_all_that_provisioning_asks_for(tmp_path: Path) -> None:
    wanted = {name for path in PROVISIONING.rglob("*.yaml") for name in re.findall(r"\$([A-Z]\w+)", path.read_text())}
    service = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"]["grafana"]
    embedded = variables(StackSettings(), Layout(tmp_path))

    assert {name for name in service["environment"] if name.startswith("GRAFANA_")} == wanted
    assert {name for name in embedded if name.startswith("GRAFANA_")} == wanted
    # A container is asked through its port, and has its image's folders.
    own = {"GF_SERVER_HTTP_ADDR", "GF_PATHS_DATA", "GF_PATHS_LOGS", "GF_PATHS_PLUGINS"}
    assert embedded.keys() - own == service["environment"].keys()
    assert service["environment"] | QUIET == service["environment"]
    assert service["environment"]["GF_SECURITY_ADMIN_PASSWORD"] == "${GRAFANA_PASSWORD:-footfall}"
    mounted = dict(each.split(":")[:2] for each in service["volumes"])
    assert mounted["./deploy/grafana/dashboards"] == service["environment"]["GRAFANA_DASHBOARDS"]
    assert Path(embedded["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).name in {path.name for path in FOLDER.iterdir()}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_asks_somebody_something_and_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    assert panel["datasource"]["uid"] in {POSTGRES, PROMETHEUS}
    references = [target["refId"] for target in panel["targets"]]
    assert len(references) == len(set(references))
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"]
        assert (target.get("rawSql") or target.get("expr") or "").strip()


@pytest.mark.parametrize("panel", PANELS)
def test_no_data_is_never_zero(panel: dict[str, Any]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    queries = [str(target.get("rawSql") or target["expr"]).lower() for target in panel["targets"]]

    assert defaults["noValue"] == "no data"
    assert defaults.get("custom", {}).get("spanNulls", False) is False
    assert [query for query in queries if re.search(r"coalesce|vector\(|absent|fill", query)] == []


def test_amounts_are_of_one_currency() -> None:
    for each in asked(POSTGRES):
        if re.search(r"money|channels|categories_by|genders", each.query):
            assert "currency = ${currency:sqlstring}" in each.query, each
            assert each.panel.endswith(", $currency"), each


def test_every_metric_is_one_that_somebody_exports() -> None:
    page = tables((ROOT / "docs" / "operations.md").read_text())
    ours = {name for row in page["metric"] for name in re.findall(r"`([^`]+)`", row["metric"])}
    histograms = [f"{name}_{part}" for name in ours for part in ("bucket", "sum", "count")]
    known = ["up", *ours, *histograms, *exported.broker(), *exported.flink()]
    read = {name: each for each in asked(PROMETHEUS) for name in metrics(promql(each.query))}

    assert len(read) > 30
    unknown = {name: each for name, each in read.items() if not any(fnmatch.fnmatch(name, one) for one in known)}
    assert unknown == {}


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("sum by (a, b) (rate(x_total[1m])) / 1000", {"x_total"}),
        ('histogram_quantile(0.9, sum by (le) (rate(x_bucket{a=~"b{1,2}"}[1m])))', {"x_bucket"}),
        ("time() - max(x == bool 2) or y offset 5m", {"x", "y"}),
        ('label_replace(topk(5, x), "task", "$1", "name", "(.{1,48}).*")', {"x"}),
    ],
)
def test_the_metrics_of_an_expression(expression: str, names: set[str]) -> None:
    assert metrics(re.sub(r"offset \w+", "", expression)) == names


def test_a_variable_that_nobody_fills_in_is_found() -> None:
    with pytest.raises(ValueError, match="country"):
        promql('x{country="$country"}')


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (apt install prometheus)")
def test_prometheus_reads_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:query{number}", "expr": promql(each.query)} for number, each in enumerate(asked(PROMETHEUS))
    ]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))

    done = subprocess.run([str(PROMTOOL), "check", "rules", str(path)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
