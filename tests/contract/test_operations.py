"""docs/operations.md against the code: every fact of `footfall status` and every metric has its line, as the code has it."""

import json
import re
import subprocess
import sys
from typing import get_args

from footfall_health.facts import FactName
from footfall_health.metrics import families

from support import exported
from support.markdown import tables
from support.repository import ROOT, tracked

TABLES = tables((ROOT / "docs" / "operations.md").read_text())
ENTRIES = {
    "alerting": "footfall_alerting.app",
    "recommender": "footfall_recommender.app",
    "dashboard": "footfall_dashboard.app",
    "exporter": "footfall_exporter.app",
    "analytics": "footfall_analytics.__main__",
}
"""Services with metrics of their own, by the module that loads all of one."""
REGISTERED = """
import importlib, json, sys
from prometheus_client import REGISTRY
importlib.import_module(sys.argv[1])
found = [each for each in REGISTRY.collect() if each.name.startswith("footfall_")]
print(json.dumps([[each.name + "_total" * (each.type == "counter"), each.type, each.documentation] for each in found]))
"""
_REGISTERS = re.compile(r"^from (?:footfall_chassis\.metrics|prometheus_client(?:\.\w+)?) import", re.MULTILINE)
_GAUGE = re.compile(r'\.(?:gauge|counter|meter|histogram)\("(\w+)"')


def names(column: str) -> list[str]:
    """Return what the cells of a table's first column name."""
    return [name for row in TABLES[column] for name in re.findall(r"`([^`]+)`", row[column])]


def test_every_fact_of_the_status_has_its_line() -> None:
    assert sorted(names("check")) == sorted(get_args(FactName))


def test_every_fact_says_what_it_means_and_what_to_do() -> None:
    assert all(row["means"] and row["do"] for row in TABLES["check"])


def test_every_metric_has_its_line() -> None:
    found: dict[tuple[str, str, str], list[str]] = {}
    for service, module in ENTRIES.items():
        printed = subprocess.run([sys.executable, "-c", REGISTERED, module], check=True, capture_output=True, text=True)
        for name, kind, doc in json.loads(printed.stdout):
            found.setdefault((name, kind, doc), []).append(service)
    # These exist where somebody looks.
    found |= {(each.name, each.type, each.documentation): ["analytics"] for each in families(())}
    lines = {f"| `{name}` | {kind} | {', '.join(who)} | {doc} |" for (name, kind, doc), who in found.items()}

    told = {f"| {' | '.join(row.values())} |" for row in TABLES["metric"]}
    assert told == lines


def test_nobody_else_has_metrics() -> None:
    users = [name for name in tracked("*.py") if _REGISTERS.search((ROOT / name).read_text())]

    parts = {name.split("/")[1].removeprefix("footfall_") for name in users if not name.startswith("tests/")}
    assert parts == {"chassis", "health", *ENTRIES}


def test_every_gauge_of_our_operators_has_its_line() -> None:
    found = [
        gauge for name in tracked("flink/*/src/main/*.java") for gauge in _GAUGE.findall((ROOT / name).read_text())
    ]

    assert sorted(names("in Flink")) == sorted(found)


def test_every_metric_that_others_are_told_to_export_has_its_line() -> None:
    told = names("in Prometheus")

    assert sorted(told) == sorted([*exported.broker(), *exported.flink()])
