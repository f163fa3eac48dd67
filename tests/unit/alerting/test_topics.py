import ast
from datetime import timedelta
from pathlib import Path

import footfall_alerting
import pytest
from footfall_alerting.settings import AlertingSettings
from footfall_alerting.topics import own_topics, retry_topic


def test_topics_are_named_after_their_delays() -> None:
    names = [topic.name for topic in own_topics(AlertingSettings().retry_delays)]

    assert names == [
        "alerting-retry-5s",
        "alerting-retry-5m",
        "alerting-retry-30m",
        "alerting-retry-2h",
        "alerting-retry-5h",
        "alerting-retry-10h",
        "alerting-dead-letters",
    ]


@pytest.mark.parametrize(("millis", "name"), [(200, "200ms"), (1500, "1500ms"), (90_000, "90s"), (86_400_000, "24h")])
def test_odd_delays_have_names_too(millis: int, name: str) -> None:
    assert retry_topic(timedelta(milliseconds=millis)) == f"alerting-retry-{name}"


def test_topics_keep_jobs_longer_than_any_delay_and_not_for_ever() -> None:
    for topic in own_topics(AlertingSettings().retry_delays):
        assert timedelta(days=1) < timedelta(milliseconds=int(topic.config()["retention.ms"])) < timedelta(days=60)


def test_faust_stays_at_the_edge() -> None:
    root = Path(footfall_alerting.__file__).parent
    users = {
        path.name
        for path in root.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom) and "faust" in ast.unparse(node)
    }

    assert users == {"app.py"}
