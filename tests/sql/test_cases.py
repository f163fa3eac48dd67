"""Every view against cases whose results were worked out by hand; all of them share a few runs of the real job."""

import pytest
from conftest import Backbone
from footfall_analytics.planning.script import build_script
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.topics import load_topics

from support.case_runs import Outcomes
from support.cases import Case, load_cases

# All cases run in the first one's set-up.
pytestmark = pytest.mark.timeout(1200)

VIEWS = sorted(build_script(AnalyticsSettings()).inserts)


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Run the cases that this session asks for."""
    calls = [item.callspec.params.get("case") for item in request.session.items if hasattr(item, "callspec")]
    return Outcomes(
        [case for case in calls if isinstance(case, Case)],
        backbone.kafka,
        backbone.registry,
        tmp_path_factory.mktemp("cases"),
    )


def parameter(case: Case) -> object:
    marks = [pytest.mark.xfail(reason=case.xfail, strict=True)] if case.xfail else []
    return pytest.param(case, id=case.id, marks=marks)


@pytest.mark.stack
@pytest.mark.parametrize("case", [parameter(case) for case in load_cases()])
def test_view_makes_of_its_input_what_the_case_says(case: Case, outcomes: Outcomes) -> None:
    rows = outcomes.of(case)

    assert case.differences(rows) == [], case.doc


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_of_every_published_view_has_a_case(view: str) -> None:
    (columns,) = [set(topic.field_names) for topic in load_topics().values() if topic.view == view]
    covered = {column for case in load_cases() if case.view == view for row in case.expected for column in row}

    assert columns == covered
