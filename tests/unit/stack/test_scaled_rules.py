"""The rules of a live test are the real ones, with every time shortened and nothing else changed."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from footfall_stack.settings import StackSettings

from support import scaled

SOURCE = StackSettings().prometheus_config_dir
EXPRESSIONS = {
    'up{job=~"footfall-.*"} == 0': 'up{job=~"footfall-.*"} == 0',
    "a > 100000 and a > a offset 15m": "a > 100000 and a > a offset 60s",
    "sum by (b) (increase(a_total[15m])) > 0": "sum by (b) (increase(a_total[60s])) > 0",
    "max(a_of_seconds) - min(b_of_seconds) > 900": "max(a_of_seconds) - min(b_of_seconds) > 60",
    "max(a_of_seconds) - min(b_of_seconds > 0) > 900": "max(a_of_seconds) - min(b_of_seconds > 0) > 60",
    "max by (endpoint) (waiting_seconds) > 300": "max by (endpoint) (waiting_seconds) > 20",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_times_in_an_expression_are_shortened(expression: str) -> None:
    text = yaml.safe_dump({"groups": [{"rules": [{"expr": expression, "for": "5m"}]}]})

    (rule,) = yaml.safe_load(scaled.rules(text, 15))["groups"][0]["rules"]
    assert rule == {"expr": EXPRESSIONS[expression], "for": "20s"}


def test_by_the_factor_one_nothing_changes() -> None:
    rules = yaml.safe_load(scaled.rules((SOURCE / "rules.yaml").read_text(), 1))
    real = yaml.safe_load((SOURCE / "rules.yaml").read_text())

    for each, other in zip(rules["groups"][0]["rules"], real["groups"][0]["rules"], strict=True):
        assert scaled.seconds(each.get("for", "0s")) == scaled.seconds(other.get("for", "0s"))
        assert each["alert"] == other["alert"]
        assert each["annotations"] == other["annotations"]


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (apt install prometheus)")
def test_prometheus_takes_the_shortened_files(tmp_path: Path) -> None:
    scaled.write(SOURCE, tmp_path, 15, 5)

    done = subprocess.run(
        ["promtool", "check", "config", str(tmp_path / "prometheus.yaml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
