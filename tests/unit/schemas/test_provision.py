"""Topics are there for whoever asks next, once they are said to be created."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from footfall_schemas import provision
from footfall_schemas.provision import ensure_topics
from footfall_schemas.topics import topic

STREAM = topic("event_counts")


class Cluster:
    """A controller that has created a topic, whose brokers list it when they are asked for the n-th time."""

    def __init__(self, listed_at: int) -> None:
        self.listed_at = listed_at
        self.asked = 0

    def create_topics(self, new: list[Any], **_: float) -> dict[str, "Future[None]"]:
        done: Future[None] = Future()
        done.set_result(None)
        return {each.topic: done for each in new}

    def list_topics(self, **_: float) -> SimpleNamespace:
        self.asked += 1
        return SimpleNamespace(topics={STREAM.name: None} if self.asked >= self.listed_at else {})


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(provision, "check_credentials", lambda _: set())
    monkeypatch.setattr(provision, "PAUSE", 0.001)
    return monkeypatch


def test_a_topic_that_was_just_created_is_listed(hurried: pytest.MonkeyPatch) -> None:
    cluster = Cluster(listed_at=3)
    hurried.setattr(provision, "AdminClient", lambda _: cluster)

    assert ensure_topics({}, [STREAM]) == [STREAM.name]
    assert cluster.asked == 3


def test_a_topic_that_may_not_be_described_is_not_waited_for_for_ever(hurried: pytest.MonkeyPatch) -> None:
    hurried.setattr(provision, "AdminClient", lambda _: Cluster(listed_at=10**9))
    hurried.setattr(provision, "LISTING_TIMEOUT", 0.05)

    assert ensure_topics({}, [STREAM]) == [STREAM.name]
