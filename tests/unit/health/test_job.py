"""What Flink says of a job, and what an operator must be told of it."""

from dataclasses import replace
from datetime import timedelta

from footfall_health.facts import headline
from footfall_health.judge import judge
from footfall_health.memory import Memory
from footfall_health.observed import Cluster, Failure, Observation, Silence, Source
from footfall_health.watched import Limits

from support.health import AT, FINE, JOB, SOURCES, WATCHED, bad, only, seen, seen_job, seen_source


def test_when_everything_is_fine_one_line_says_so() -> None:
    assert bad(FINE) == []
    assert headline(judge(FINE, WATCHED, Memory())) == "ready: everything is fine"


def test_a_job_that_restarts_for_ever_is_wrong_though_it_runs_at_this_moment() -> None:
    failures = tuple(Failure(AT - seconds, "IllegalStateException: boom") for seconds in (10, 40, 70, 3000))

    fact = only(seen_job(failures=failures))

    assert (fact.name, fact.about, fact.level) == ("restarts", "footfall", "wrong")
    assert fact.since == AT - 70
    assert "3 within 10 min, the last 10 s ago: IllegalStateException: boom" in fact.detail
    assert fact.cure


def test_one_restart_is_a_warning_and_is_forgotten() -> None:
    assert only(seen_job(failures=(Failure(AT - 590, "killed"),))).level == "warning"
    assert bad(seen_job(failures=(Failure(AT - 610, "killed"),))) == []


def test_a_job_between_two_attempts_is_wrong_and_says_why() -> None:
    facts = bad(seen_job(state="RESTARTING", running=0, failures=(Failure(AT - 2, "no slots"),)))

    assert [(fact.name, fact.level) for fact in facts] == [("job", "wrong"), ("restarts", "warning")]
    assert facts[0].detail == "is RESTARTING: no slots"
    assert facts[0].since == AT - 2


def test_a_job_that_is_being_deployed_is_a_warning_for_a_while() -> None:
    assert only(seen_job(running=40, started=AT - 20)).level == "warning"
    assert only(seen_job(running=40, started=AT - 200)).level == "wrong"


def test_a_job_that_is_not_there_is_wrong() -> None:
    facts = bad(seen(flink=Cluster(1)))

    assert facts[0].subject == "job footfall"
    assert facts[0].level == "wrong"


def test_a_taskmanager_that_is_gone_is_named_first() -> None:
    facts = bad(seen_job(0, state="RESTARTING", running=0, sources=()))

    assert (facts[0].name, facts[0].level) == ("taskmanagers", "wrong")
    assert "footfall logs taskmanager" in facts[0].cure


def test_flink_away_is_one_fact() -> None:
    fact = only(seen(flink=Silence("Connection refused")))

    assert (fact.name, fact.level) == ("flink", "wrong")
    assert "Connection refused" in fact.detail


def test_a_checkpoint_that_fails_is_a_warning_and_an_old_one_wrong() -> None:
    failed = Failure(AT - 3, "IOException: no space left on device")

    assert only(seen_job(failed_checkpoint=failed, completed=AT - 5)).level == "warning"
    fact = only(seen_job(failed_checkpoint=failed, completed=AT - 130))

    assert (fact.name, fact.level, fact.since) == ("checkpoint", "wrong", AT - 130)
    assert fact.detail == "the newest is 2 min old; one failed 3 s ago: IOException: no space left on device"


def test_a_failure_before_the_newest_checkpoint_is_past() -> None:
    assert bad(seen_job(failed_checkpoint=Failure(AT - 30, "declined"), completed=AT - 5)) == []


def test_no_checkpoint_since_the_start_counts_from_there() -> None:
    assert only(seen_job(completed=None, started=AT - 45)).detail == "none since its start 45 s ago"


def test_a_watermark_far_behind_names_the_partition_that_it_waits_for() -> None:
    fact = only(seen_source(watermark=AT - 4000, slowest="checkouts-1", holding=1))

    assert (fact.name, fact.about, fact.level) == ("watermark", "shop_events", "wrong")
    assert "1 h" not in fact.detail
    assert "66 min behind the clock; it waits for partition checkouts-1" in fact.detail
    assert only(seen_source(watermark=AT - 300)).level == "warning"


def test_before_the_first_event_no_watermark_is_fine_unless_something_is_unread() -> None:
    assert bad(seen_source(watermark=None, slowest="")) == []
    waits = {"watermark": None, "slowest": "clickstream-0", "holding": 3}
    assert "waits for clickstream-0" in only(seen_source(**waits)).detail


def test_a_source_that_an_open_transaction_has_kept_from_its_first_event_says_so() -> None:
    fact = only(seen_source(watermark=None, slowest="clickstream-1", holding=1, behind_open_transactions=1))

    assert "1 are behind an open transaction" in fact.detail
    assert fact.cure.startswith("end the transaction: ")


def test_an_id_that_the_registry_does_not_answer_for_is_named() -> None:
    fact = only(seen_source(awaited={77: AT - 31}))

    assert (fact.name, fact.level, fact.since) == ("schema ids", "wrong", AT - 31)
    assert "source shop_events waits for the schema with id 77" in fact.detail
    assert only(seen_source(awaited={77: AT - 1})).level == "warning"


def test_a_source_of_which_flink_does_not_know_yet_is_a_warning_and_one_that_no_view_needs_is_none() -> None:
    fact = only(seen_job(sources=SOURCES[:1]))

    assert (fact.subject, fact.level) == ("watermark inventory_updates", "warning")
    assert bad(seen_job(sources=SOURCES[:1], reads=frozenset({"shop_events"}))) == []


def test_versions_that_are_not_read_to_their_end_hold_back_what_is_joined_with_them() -> None:
    def of_products(watermark: float | None, holding: int = 0) -> Observation:
        return seen_job(sources=(*SOURCES, Source("products", watermark, holding=holding)))

    assert bad(of_products(AT - 1)) == []
    fact = only(of_products(AT - 700))

    assert (fact.name, fact.about, fact.level, fact.since) == ("watermark", "products", "wrong", AT - 700)
    assert fact.detail == "is read as of 11 min ago; what is joined with it waits"
    assert "open transactions" in fact.cure
    assert only(of_products(AT - 130)).level == "warning"
    assert "has not been read to its end since the job's start" in only(of_products(None, 1)).detail


def test_an_id_that_versions_wait_for_is_named() -> None:
    fact = only(seen_job(sources=(*SOURCES, Source("products", AT - 1, awaited={78: AT - 40}))))

    assert (fact.subject, fact.level) == ("schema ids 78 (source products)", "wrong")


def test_of_two_jobs_that_read_the_same_versions_the_one_that_is_stuck_is_told() -> None:
    stuck = Source("products", AT - 700, awaited={78: AT - 700})
    for first, second in ((stuck, Source("products", AT)), (Source("products", AT), stuck)):
        shop, stock = replace(JOB, sources=(*SOURCES, first)), replace(JOB, name="footfall-stock", sources=(second,))

        facts = bad(seen(flink=Cluster(1, (shop, stock))))

        assert [fact.subject for fact in facts] == ["watermark products", "schema ids 78 (source products)"]


def test_how_long_things_may_take_can_be_told() -> None:
    told = replace(WATCHED, limits=Limits(recent=timedelta(seconds=20), checkpoint_age=timedelta(seconds=40)))
    failures = tuple(Failure(AT - 30, "lost") for _ in range(3))

    found = {fact.name: fact for fact in judge(seen_job(failures=failures, completed=AT - 50), told, Memory())}

    assert (found["restarts"].level, found["checkpoint"].level) == ("ok", "wrong")
