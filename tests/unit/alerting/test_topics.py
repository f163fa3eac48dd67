import ast
from pathlib import Path

import footfall_alerting
import pytest
from footfall_alerting.errors import TopicForgetsError, TopicsDisagreeError, TopicsUnlistedError
from footfall_alerting.retention import check_kept
from footfall_alerting.settings import AlertingSettings
from footfall_alerting.together import check_equal, counted
from footfall_alerting.topics import own_topics
from footfall_schemas.topics import load_topics

LEADING = "inventory-alerts"
KEPT = {"alerting-jobs", "alerting-endpoints"}
CURE = "cleanup.policy=compact"


def test_jobs_are_kept_until_they_are_finished() -> None:
    jobs = own_topics()[0]
    assert jobs.name == "alerting-jobs"
    assert jobs.config()["cleanup.policy"] == "compact"
    assert "retention.ms" not in jobs.config()


def test_history_is_bounded_by_time_and_size() -> None:
    settings = AlertingSettings()
    messages = own_topics(settings.history_days, settings.history_bytes)[1].config()
    assert messages["cleanup.policy"] == "compact,delete"
    assert messages["retention.ms"] == str(7 * 24 * 3_600_000)
    assert messages["retention.bytes"] == "1000000000"


def test_topics_that_are_read_together_have_equal_numbers_of_partitions() -> None:
    shared = {"alerting-jobs", "alerting-messages", "alerting-events", "alerting-resends"}
    for number in (load_topics()[LEADING].partitions, 12):
        counts = {topic.name: topic.partitions for topic in own_topics(partitions=number)}
        assert {counts[name] for name in shared} == {number}
    assert load_topics()["abandoned_carts"].partitions == load_topics()[LEADING].partitions


def test_other_numbers_are_refused_with_the_cure() -> None:
    check_equal({LEADING: 4, "alerting-jobs": 4}, LEADING)
    with pytest.raises(TopicsDisagreeError, match="alerting-jobs has 2: give each 4"):
        check_equal({LEADING: 4, "alerting-jobs": 2, "alerting-events": 4}, LEADING)


def test_topics_that_delete_what_waits_are_refused_with_the_cure() -> None:
    check_kept({topic.name: topic.config()["cleanup.policy"] for topic in own_topics() if topic.name in KEPT})
    for policy in ("delete", "compact,delete"):
        with pytest.raises(
            TopicForgetsError,
            match=f"alerting-jobs has cleanup.policy={policy}.*--entity-name alerting-jobs --add-config {CURE}",
        ):
            check_kept({"alerting-endpoints": "compact", "alerting-jobs": policy})


def test_topics_that_were_just_created_are_waited_for() -> None:
    assert counted({LEADING: 4, "alerting-jobs": 4, "other": 1}, [LEADING, "alerting-jobs"]) == {
        LEADING: 4,
        "alerting-jobs": 4,
    }
    for listed in ({LEADING: 4}, {LEADING: 4, "alerting-jobs": 0}):
        with pytest.raises(TopicsUnlistedError, match="does not list alerting-jobs yet"):
            counted(listed, [LEADING, "alerting-jobs"])


def test_faust_stays_at_the_edge() -> None:
    root = Path(footfall_alerting.__file__).parent
    users = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom) and "faust" in ast.unparse(node)
    }

    assert users == {"app.py"}
