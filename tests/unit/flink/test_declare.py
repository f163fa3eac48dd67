"""A statement that Flink refuses is told with the file that it is from, and with no other."""

from unittest.mock import Mock

import pytest
from footfall_analytics.compiling.submit import declare
from footfall_analytics.planning.script import Script
from footfall_analytics.planning.sqltext import PlanError

REFUSED = "org.apache.flink.table.api.ValidationException: From line 1, column 6: Object 'page_views_per_usr' not found"


@pytest.mark.parametrize(
    ("view", "file"), [("sessions", "process/published/sessions.sql"), ("dead_letters", "dead_letters")]
)
def test_a_question_is_neither_the_file_nor_what_was_meant(view: str, file: str) -> None:
    """`adhoc/dead_letters.sql` is no part of the job; the view of that name is made of the parts of two jobs."""
    environment = Mock()
    environment.view.side_effect = RuntimeError(REFUSED)
    script = Script(tables={}, views={view: f"CREATE TEMPORARY VIEW {view} AS\nSELECT 1"}, inserts={})

    with pytest.raises(PlanError) as refused:
        declare(environment, script)

    assert str(refused.value) == f"{file}, line 2: Object 'page_views_per_usr' not found"
