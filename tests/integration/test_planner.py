"""Where there is no PyFlink, the same Java plans the same job."""

import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from footfall_analytics.compiling.flink_home import flink_environment
from footfall_analytics.compiling.options import job_options, state_ttl
from footfall_analytics.compiling.submission import HOPELESS
from footfall_analytics.planning.script import Script, build_script
from footfall_analytics.settings import AnalyticsSettings

pytestmark = pytest.mark.stack

VIEWS = "revenue_by_category,attributed_checkouts,inventory_alerts,top_categories"
"""A window, a function of ours, an OVER, an upsert, joins as of the event's time; all of them would take a minute more."""
WITHOUT_PYFLINK = """
import sys, importlib.util as util
found = util.find_spec
util.find_spec = lambda name, *a: None if name == "pyflink" else found(name, *a)
from footfall_analytics.compiling import submit
submit.main()
assert "pyflink" not in sys.modules
"""
PROGRAMS = {"pyflink": ["-m", "footfall_analytics.compiling.submit"], "java": ["-c", WITHOUT_PYFLINK]}


def _compile(
    folder: Path, program: list[str], options: dict[str, str], script: Script | None = None
) -> tuple[subprocess.CompletedProcess[str], Path]:
    settings, plan_file = AnalyticsSettings(views=VIEWS), folder / "plan.json"
    script = script or build_script(settings)
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
    for name, program in PROGRAMS.items():
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


def _refusal(folder: Path, program: list[str], script: Script) -> tuple[str, Path]:
    """Return why the script is hopeless, and where its plan would be."""
    done, plan_file = _compile(folder, program, job_options(AnalyticsSettings()), script)
    assert done.returncode == HOPELESS, done.stderr[-2000:]
    return done.stdout, plan_file


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_view_that_its_column_does_not_hold_is_refused(tmp_path: Path, program: list[str]) -> None:
    script = build_script(AnalyticsSettings(views="buyers_by_gender"))
    sink = script.tables["buyers_by_gender_sink"]
    narrow = sink.replace("`revenue` DECIMAL(38, 6) NOT NULL", "`revenue` DECIMAL(18, 2) NOT NULL")
    assert narrow != sink

    refusal, plan_file = _refusal(
        tmp_path, program, replace(script, tables=script.tables | {"buyers_by_gender_sink": narrow})
    )

    assert (
        "view buyers_by_gender, column revenue is DECIMAL(38, 6) NOT NULL, and its schema has DECIMAL(18, 2) NOT NULL; "
        "give the schema's field 32 digits before the point and 6 after it"
    ) in refusal
    assert not plan_file.exists()


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_product_that_flink_cuts_is_refused(tmp_path: Path, program: list[str]) -> None:
    script = build_script(AnalyticsSettings(views="buyers_by_gender"))
    amounts = script.views["payment_amounts"]
    wide = amounts.replace("gross * paid_share AS revenue", "CAST(gross AS DECIMAL(38, 4)) * paid_share AS revenue")
    assert wide != amounts

    refusal, _ = _refusal(tmp_path, program, replace(script, views=script.views | {"payment_amounts": wide}))

    assert re.search(
        r"view buyers_by_gender, column revenue: DECIMAL\(38, 4\) \* DECIMAL\(6, 4\) needs 36 digits before the point and 8 "
        r"after it, and Flink makes it DECIMAL\(38, 6\); CAST the operands",
        refusal,
    )


TYPOS = {
    "view": ("user_events", "TABLE on_time_events", "TABLE on_time_event", "did you mean on_time_events?"),
    "table": ("on_time_events", "FROM shop_events", "FROM shop_event", "did you mean shop_events?"),
    "column": ("payments", "c.parent_category_name", "c.parent_categry_name", "did you mean parent_category_name?"),
    "function": ("user_events", "process_user_events(", "proces_user_events(", "did you mean process_user_events?"),
    "syntax": ("payments", "LEFT JOIN users", "LEFT JOIN user", "Incorrect syntax near"),
    "type": ("shop_events", "user_id STRING", "user_id STRNG", "Unknown identifier 'STRNG'"),
    "class": ("process_user_events", "ProcessUserEvents'", "ProcesUserEvents'", "shopper.ProcesUserEvents"),
    "result": (
        "buyers_by_gender",
        "AS revenue",
        "AS revenu",
        "has no column revenue, which its schema has; did you mean revenu?",
    ),
}
"""A name in a file, what it becomes, and what is said of it."""


@pytest.mark.parametrize(
    ("program", "typo"), [("pyflink", "view"), *(("java", typo) for typo in TYPOS)], ids=lambda value: value
)
def test_a_typo_is_refused_with_its_file_and_what_was_meant(tmp_path: Path, program: str, typo: str) -> None:
    name, before, after, told = TYPOS[typo]
    script = build_script(AnalyticsSettings(views="buyers_by_gender"))
    kind = next(each for each in ("functions", "tables", "views") if name in getattr(script, each))
    sql = getattr(script, kind)
    assert before in sql[name]

    changed = replace(script, **{kind: sql | {name: sql[name].replace(before, after)}})
    refusal, _ = _refusal(tmp_path, PROGRAMS[program], changed)

    assert told in refusal
    assert re.search(rf"\b{name}\b", refusal)
    assert len(refusal.strip().splitlines()) == 1
