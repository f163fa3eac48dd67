"""Where there is no PyFlink, the same Java plans the same job."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from footfall_flink.home import flink_environment
from footfall_flink.options import job_options, state_ttl
from footfall_flink.plan import plan
from footfall_flink.settings import AnalyticsSettings

pytestmark = pytest.mark.stack

VIEWS = "revenue_by_category,attributed_checkouts,inventory_alerts,top_categories"
"""A window, a function of ours, an OVER, an upsert, joins as of the event's time; all of them would take a minute more."""
WITHOUT_PYFLINK = """
import sys, importlib.util as util
found = util.find_spec
util.find_spec = lambda name, *a: None if name == "pyflink" else found(name, *a)
from footfall_flink import submit
submit.main()
assert "pyflink" not in sys.modules
"""


def _compile(
    folder: Path, program: list[str], options: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], Path]:
    settings = AnalyticsSettings(views=VIEWS)
    script, plan_file = plan(settings), folder / "plan.json"
    asked = {
        "script": asdict(script),
        "options": {**options, **script.options},
        "ttl": state_ttl() | script.ttl,
        "plan_file": str(plan_file),
        "before": None,
        "forget": False,
    }
    env = os.environ | flink_environment(settings.jars_dir, folder / "pyflink")
    done = subprocess.run(
        [sys.executable, *program],
        input=json.dumps(asked) + "\n",
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done, plan_file


def test_both_planners_compile_the_same_plan(tmp_path: Path) -> None:
    options = job_options(AnalyticsSettings())
    plans = []
    for name, program in {"pyflink": ["-m", "footfall_flink.submit"], "java": ["-c", WITHOUT_PYFLINK]}.items():
        folder = tmp_path / name
        folder.mkdir()
        done, plan_file = _compile(folder, program, options)
        assert done.returncode == 0, done.stderr[-2000:]
        plans.append(json.loads(plan_file.read_text()))

    assert len(plans[0]["nodes"]) > 30
    assert plans[0] == plans[1]


def test_what_java_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    options = job_options(AnalyticsSettings()) | {"parallelism.default": "many"}

    done, _ = _compile(tmp_path, ["-c", WITHOUT_PYFLINK], options)

    assert done.returncode == 1
    assert "Could not parse value 'many' for key 'parallelism.default'" in done.stderr
