"""CONTRIBUTING's recipe for a metric: what the page says, done in a copy of the repository, is a stream."""

from pathlib import Path

import pytest
from conftest import Backbone

from support import recipe
from support.repository import ROOT

pytestmark = pytest.mark.programs

ORACLE = """
import sys
from support.cases import load_case
from support.computed import computed
case = load_case(next(__import__("pathlib").Path("tests/sql").resolve().glob(f"{sys.argv[1]}/*/case.yaml")))
rows = computed(sys.argv[1], *(row for rows in case.inputs.values() for row in rows))
assert case.expected and case.differences(rows) == [], case.differences(rows)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    recipe.follow(folder)
    return folder


def test_the_metric_is_none_that_is_there() -> None:
    assert not (ROOT / "schemas" / "metrics" / f"{recipe.METRIC}.avsc").exists()


def test_the_job_has_the_stream(copy: Path) -> None:
    planned = recipe.run(copy, "-m", "footfall_stack", "sql", "plan", "--view", recipe.METRIC)

    assert planned.returncode == 0, planned.stderr
    assert f"INSERT INTO {recipe.METRIC}_sink SELECT" in planned.stdout


def test_schema_example_history_and_case_are_whole(copy: Path) -> None:
    tests = [f"tests/contract/test_{name}.py" for name in ("schemas", "tables", "money")]
    chosen = f"{recipe.METRIC} or every_output or folder_of_published or name_that_is_defined"

    passed = recipe.run(copy, "-m", "pytest", "-q", "-m", "not stack", "-k", chosen, *tests, "tests/sql/test_cases.py")

    assert passed.returncode == 0, passed.stdout


def test_kubernetes_knows_its_topic(copy: Path) -> None:
    assert recipe.shell()[-1] == "make manifests"
    written = recipe.run(copy, "deploy/kubernetes/topics.py")

    assert written.returncode == 0, written.stderr
    assert recipe.METRIC in (copy / "deploy" / "kubernetes" / "base" / "topics.yaml").read_text()


def test_the_oracle_says_what_the_case_says(copy: Path) -> None:
    computed = recipe.run(copy, "-c", ORACLE, recipe.METRIC)

    assert computed.returncode == 0, computed.stderr


@pytest.mark.stack
def test_flink_makes_of_the_case_what_it_says(copy: Path, backbone: Backbone) -> None:
    servers = {"FOOTFALL_TEST_KAFKA": backbone.kafka, "FOOTFALL_TEST_REGISTRY": backbone.registry}

    passed = recipe.run(
        copy, "-m", "pytest", "-q", "-m", "stack", "tests/sql", "-k", recipe.METRIC, env=backbone.env | servers
    )

    assert passed.returncode == 0, passed.stdout
    assert " passed" in passed.stdout
