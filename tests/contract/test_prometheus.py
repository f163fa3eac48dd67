"""The rules: Prometheus takes them, each fires for what it is of and for nothing else, and says where to read on."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Context
from footfall_stack.cli import app
from footfall_stack.plugins import DeferredCommand, load
from typer.main import get_command

from support.markdown import headings, tables
from support.repository import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "rules.yaml"
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (apt install prometheus)")

LEVELS = {
    "FootfallKafkaAway": ("kafka", ""),
    "FootfallRegistryAway": ("registry", ""),
    "FootfallJobDown": ("job", "footfall"),
    "FootfallJobRestarts": ("restarts", "footfall"),
    "FootfallCheckpointsFail": ("checkpoint", "footfall"),
    "FootfallWatermarkBehind": ("watermark", "shop_events"),
    "FootfallUnreadMessages": ("unread", "clickstream"),
    "FootfallSchemaAwaited": ("schema ids", "clickstream"),
    "FootfallOpenTransaction": ("open transactions", "clickstream"),
    "FootfallLateEvents": ("late", "clickstream"),
    "FootfallDeadLetters": ("dead letters", "clickstream"),
}
"""Rules over facts, with the one of which each is tried."""
SERIES: dict[str, list[tuple[str, str]]] = {
    "FootfallPartAway": [('up{job="footfall-alerting"}', "1 1 0x10 1x10")],
    "FootfallFallingBehind": [('footfall_unread_messages{topic="clickstream"}', "0+20000x25 0x10")],
    "FootfallPartitionsPaused": [('footfall_paused_partitions{job="footfall-alerting"}', "0 0 2x10 0x10")],
    "FootfallIntegrityBroken": [('footfall_integrity_broken{identity="trading_volume"}', "0 0 1x10 0x10")],
    "FootfallWebhooksWait": [('footfall_webhook_oldest_waiting_seconds{endpoint="erp"}', "0 100 400x10 0x10")],
    "FootfallWebhookDeadLetters": [
        ('footfall_webhook_dead_letters_total{endpoint="erp",reason="exhausted"}', "0 0 0 1x4 1x30")
    ],
    "FootfallEndpointDisabled": [('footfall_webhook_endpoint_disabled{endpoint="erp"}', "0 0 1x10 0x10")],
    "FootfallRecommenderStale": [
        ("footfall_dashboard_as_of_seconds", "0+60x40"),
        ("footfall_recommender_as_of_seconds", "0 60 60x25 1680+60x12"),
    ],
}
"""What makes the others fire, one value a minute, and later end."""
FIRES: dict[str, int] = {"FootfallFallingBehind": 24, "FootfallRecommenderStale": 25, "FootfallWebhookDeadLetters": 6}
ENDS: dict[str, int] = {"FootfallFallingBehind": 30, "FootfallRecommenderStale": 35, "FootfallWebhookDeadLetters": 30}
MINUTE_FIRING, MINUTE_ENDED = 9, 20


def rules() -> list[dict[str, Any]]:
    """Return every rule."""
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def series_of(alert: str) -> list[tuple[str, str]]:
    """Return what makes a rule fire and end."""
    if alert in LEVELS:
        fact, about = LEVELS[alert]
        return [(f'footfall_fact_level{{fact="{fact}",about="{about}"}}', "0 1 2x10 0x10")]
    return SERIES[alert]


def test_every_rule_is_tried() -> None:
    assert {rule["alert"] for rule in rules()} == LEVELS.keys() | SERIES.keys()


def test_every_rule_is_graded_says_what_it_is_and_where_to_read_on() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}, rule["alert"]
        assert rule["annotations"]["summary"]
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert not anchor or anchor in headings((ROOT / page).read_text()), rule["alert"]


def test_every_rule_has_its_line_which_says_after_how_long() -> None:
    lines = {row["rule"]: row for row in tables((ROOT / "docs" / "operations.md").read_text())["rule"]}

    after = {f"`{rule['alert']}`": re.sub(r"m$", " min", rule.get("for", "at once")) for rule in rules()}
    assert {name: row["after"] for name, row in lines.items()} == after
    assert all(row["means"] and row["see it"] and row["do"] for row in lines.values())


def test_what_a_line_tells_to_type_there_is() -> None:
    told = [cell for row in tables((ROOT / "docs" / "operations.md").read_text())["rule"] for cell in row.values()]
    commands = {each for cell in told for each in re.findall(r"`footfall ((?:[a-z][a-z-]* ?)+)", cell)}
    files = {each for cell in told for each in re.findall(r"-f (\S+\.sql)", cell)}

    assert len(commands) > 5
    assert [name for name in sorted(files) if not (ROOT / name).is_file()] == []
    assert [words for words in sorted(commands) if not _is_command(words.split())] == []


def _is_command(words: list[str]) -> bool:
    """Whether there is such a command; what follows a command that has none below it are its arguments."""
    command: Any = get_command(app)
    for word in words:
        if not hasattr(command, "get_command"):
            return True
        if (below := command.get_command(Context(command), word)) is None:
            return False
        command = load(below._entry) if isinstance(below, DeferredCommand) else below
    return True


@needs_promtool
def test_prometheus_takes_them() -> None:
    _promtool("check", "rules", str(RULES))


@needs_promtool
@pytest.mark.parametrize("alert", sorted(LEVELS.keys() | SERIES.keys()))
def test_a_rule_fires_and_ends(alert: str, tmp_path: Path) -> None:
    fires, ends = FIRES.get(alert, MINUTE_FIRING), ENDS.get(alert, MINUTE_ENDED)
    (rule,) = [rule for rule in rules() if rule["alert"] == alert]
    fired = _fired(alert, rule, tmp_path)
    test = {
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in series_of(alert)],
        "alert_rule_test": [
            {"eval_time": "0m", "alertname": alert, "exp_alerts": []},
            {"eval_time": f"{fires}m", "alertname": alert, "exp_alerts": fired},
            {"eval_time": f"{ends}m", "alertname": alert, "exp_alerts": []},
        ],
    }
    document = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump(document))

    _promtool("test", "rules", str(path))


@needs_promtool
def test_a_recommender_that_knows_nothing_yet_is_not_stale(tmp_path: Path) -> None:
    series = [
        {"series": "footfall_dashboard_as_of_seconds", "values": "1700000000+60x40"},
        {"series": "footfall_recommender_as_of_seconds", "values": "0x40"},
    ]
    told = [
        {"eval_time": f"{minute}m", "alertname": "FootfallRecommenderStale", "exp_alerts": []} for minute in (9, 30)
    ]
    tests = [{"interval": "1m", "input_series": series, "alert_rule_test": told}]
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))

    _promtool("test", "rules", str(path))


def _fired(alert: str, rule: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Return the alert with the labels of its series: those of whatever has the metric's name stay."""
    # A label that is empty is none.
    labels = dict(re.findall(r'(\w+)="([^"]+)"', series_of(alert)[0][0]))
    summary = rule["annotations"]["summary"]
    for name, value in labels.items():
        summary = summary.replace(f"{{{{ $labels.{name} }}}}", value)
    return [
        {
            "exp_labels": labels | rule["labels"],
            "exp_annotations": {"summary": summary, "runbook": rule["annotations"]["runbook"]},
        }
    ]


def _promtool(*arguments: str) -> None:
    assert PROMTOOL
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
