"""What Kafka and the topics say."""

from dataclasses import replace

from footfall_health.memory import Memory
from footfall_health.observed import Accounts, Broker, Silence, Totals

from support.health import AT, FINE, PARTITIONS, bad, only, seen, seen_partition


def later(seconds: float, **read: int) -> Broker:
    """The broker when the job has read these topics so far."""
    return Broker(tuple(replace(each, end=2000, read=read.get(each.topic, each.read)) for each in PARTITIONS))


def test_a_broker_that_is_away_is_one_fact_and_unknown_messages_are_none() -> None:
    fact = only(seen(broker=Silence("no answer within 1.5 s"), accounts=Silence("no answer within 1.5 s")))

    assert (fact.name, fact.level) == ("kafka", "wrong")
    assert "broker:9092" in fact.detail


def test_a_registry_that_is_away_is_wrong() -> None:
    fact = only(seen(registry=Silence("Connection refused")))

    assert (fact.name, fact.level) == ("registry", "wrong")


def test_a_transaction_on_an_input_is_a_warning_until_its_producer_can_be_taken_for_dead() -> None:
    fact = only(seen_partition("clickstream", 1, stable=900, open_since=AT - 70))

    assert (fact.name, fact.about, fact.level, fact.since) == ("open transactions", "clickstream", "warning", AT - 70)
    assert "partitions 1@900: 100 messages behind a transaction that is open for 70 s" in fact.detail
    assert "describe-producers --topic clickstream --partition 1" in fact.cure
    assert only(seen_partition("clickstream", 1, stable=900, open_since=AT - 900)).level == "wrong"


def test_a_transaction_on_a_topic_of_versions_is_like_one_on_an_input() -> None:
    fact = only(seen_partition("products", 1, stable=900, open_since=AT - 70))

    assert (fact.about, fact.level) == ("products", "warning")
    assert "the job waits for its producer to end it" in fact.detail


def test_a_transaction_on_an_output_that_outlives_checkpoints_is_wrong() -> None:
    fact = only(seen_partition("revenue_per_minute", 0, stable=10, open_since=AT - 100))

    assert (fact.about, fact.level) == ("revenue_per_minute", "wrong")
    assert "readers of committed rows do not see them" in fact.detail


def test_a_transaction_between_two_checkpoints_is_no_fact() -> None:
    assert bad(seen_partition("revenue_per_minute", 0, stable=990)) == []


def test_a_topic_that_is_read_no_further_is_stuck() -> None:
    memory = Memory()
    assert bad(FINE, memory) == []

    fact = bad(seen(at=AT + 61, broker=later(61, checkouts=1500)), memory)[-1]

    assert (fact.subject, fact.level, fact.since) == ("unread clickstream", "wrong", AT)
    assert "2,010 messages wait and none has been read for 61 s" in fact.detail


def test_a_topic_that_is_read_on_is_not_stuck_however_much_waits() -> None:
    memory = Memory()
    bad(FINE, memory)

    facts = bad(seen(at=AT + 61, broker=later(61, clickstream=996, checkouts=996)), memory)

    assert not [fact for fact in facts if fact.name == "unread"]


def test_what_is_behind_the_last_message_is_nothing_unread() -> None:
    memory = Memory()
    bad(FINE, memory)

    assert not [fact for fact in bad(seen(at=AT + 61), memory) if fact.about == "inventory-updates"]


def totals(late: int = 0, dead: int = 0, counted: int = 1_000) -> Accounts:
    return Accounts(
        now=(Totals("clickstream", AT, 900 + counted, 0, late, dead),),
        before=(Totals("clickstream", AT - 300, 900, 0, 0, 0),),
    )


def test_dead_letters_that_rise_are_a_warning_then_wrong() -> None:
    fact = only(seen(accounts=totals(dead=20)))

    assert (fact.name, fact.about, fact.level) == ("dead letters", "clickstream", "warning")
    assert fact.detail.startswith("20 of ")
    assert "footfall dead-letters list" in fact.cure
    assert only(seen(accounts=totals(dead=100))).level == "wrong"


def test_late_events_that_rise_are_a_warning_then_wrong() -> None:
    assert only(seen(accounts=totals(late=100))).name == "late"
    assert only(seen(accounts=totals(late=600))).level == "wrong"


def test_a_few_of_few_are_no_share() -> None:
    assert bad(seen(accounts=totals(late=4, dead=4, counted=0))) == []


def test_what_is_read_and_not_accounted_for_yet_counts_among_all() -> None:
    """The first minute after a start: nothing is counted yet, while late and dead ones are told at once."""
    rows = Accounts(now=(Totals("clickstream", AT, 0, 0, 6, 0),), before=(Totals("clickstream", AT - 30, 0, 0, 1, 0),))

    assert bad(seen(accounts=rows)) == []


def test_unknown_accounts_are_a_warning() -> None:
    assert only(seen(accounts=Silence("GET /schemas/ids/4: status 500"))).name == "accounts"
