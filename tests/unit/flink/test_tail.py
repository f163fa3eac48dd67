"""Which topic `footfall tail` reads, and what it says of a broker that is away."""

import pytest
from confluent_kafka import KafkaError
from footfall_analytics.reading import tail
from footfall_analytics.reading.tail import UnknownTopicError, recorded_topic
from footfall_schemas.access_errors import BrokerAwayError


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


@pytest.mark.parametrize("topic", ["clickstream", "late_events", "recorded-late-events", "progress"])
def test_what_no_replay_computes_is_told_with_what_one_does(topic: str) -> None:
    with pytest.raises(UnknownTopicError, match=f"replays do not compute '{topic}'; choose from .*late-events"):
        recorded_topic(topic, "")


def test_who_follows_is_told_of_an_outage_once_and_of_the_next_again(capsys: pytest.CaptureFixture[str]) -> None:
    outage = tail._Outage({"bootstrap.servers": "kafka:9092"})
    down = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")

    for _ in range(3):
        outage.hear(KafkaError(KafkaError._TRANSPORT, "kafka:9092/1: Connection refused (after 0ms in state CONNECT)"))
        outage.hear(down)
    first = capsys.readouterr()
    outage.end()
    outage.hear(down)

    assert first.out == ""
    assert first.err.startswith("footfall: the broker at kafka:9092 does not answer (")
    assert "(Connection refused); start it" in first.err
    assert first.err.count("\n") == capsys.readouterr().err.count("\n") == 1


def test_who_does_not_follow_waits_for_a_silent_broker_no_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def poll(self, _: float) -> None:
            return None

    monkeypatch.setattr(tail, "SILENCE", -1.0)
    outage = tail._Outage({"bootstrap.servers": "kafka:9092"})

    with pytest.raises(BrokerAwayError, match="the broker at kafka:9092 does not answer"):
        list(tail._messages(Silent(), outage, 1, follow=False))
    assert next(tail._messages(Silent(), outage, 1, follow=True)) is None
