"""Which topic `footfall tail` reads."""

import pytest
from footfall_flink.tail import UnknownTopicError, recorded_topic


@pytest.mark.parametrize(
    ("topic", "prefix", "name"),
    [
        ("late-events", "", "recorded-late-events"),
        ("late-events", "t-", "t-recorded-late-events"),
        ("t-late-events", "t-", "t-recorded-late-events"),
    ],
)
def test_the_recorded_topic_of_a_stream_is_named_after_it(topic: str, prefix: str, name: str) -> None:
    assert recorded_topic(topic, prefix) == name


@pytest.mark.parametrize("topic", ["clickstream", "late_events", "recorded-late-events"])
def test_what_no_replay_computes_is_told_with_what_one_does(topic: str) -> None:
    with pytest.raises(UnknownTopicError, match=f"no replay computes '{topic}'; there are .*late-events"):
        recorded_topic(topic, "")
