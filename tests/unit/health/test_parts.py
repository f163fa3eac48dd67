"""Services, processes, and what is remembered between two looks."""

from pathlib import Path

from footfall_health.facts import Fact, headline, spell
from footfall_health.memory import Memory
from footfall_health.observed import Failure, Process, Service, Silence
from footfall_health.parts import services

from support.health import AT, bad, only, seen


def test_a_service_that_is_not_ready_says_why() -> None:
    fact = only(seen(services={"alerting": Service(ready=False, detail="kafka: rebalancing")}))

    assert (fact.subject, fact.level, fact.detail) == ("service alerting", "wrong", "not ready: kafka: rebalancing")


def test_what_somebody_should_know_of_a_service_that_is_ready_changes_nothing_of_its_level() -> None:
    (fact,) = services({"alerting": Service(ready=True, detail="", cautions="endpoints: shop gets nothing")})

    assert (fact.level, fact.detail, fact.caution) == ("ok", "ready; endpoints: shop gets nothing", True)


def test_a_service_that_does_not_answer_is_wrong() -> None:
    assert only(seen(services={"alerting": Silence("Connection refused")})).level == "wrong"


def test_a_service_that_waits_for_a_schema_is_named() -> None:
    fact = only(seen(services={"alerting": Service(ready=True, detail="", awaited={5: AT - 40})}))

    assert (fact.level, fact.since) == ("wrong", AT - 40)
    assert fact.detail.startswith("alerting waits for the schema with id 5")


def test_a_process_that_crashes_and_comes_back_is_wrong_with_its_reason() -> None:
    deaths = tuple(Failure(AT - ago, "exit code 1; it last wrote: crashed: KeyError('x')") for ago in (90, 60, 30))

    fact = only(seen(processes=(Process("alerting", "ready", AT - 25, deaths),)))

    assert (fact.subject, fact.level, fact.since) == ("process alerting", "wrong", AT - 90)
    assert "ended 3 times within 10 min, the last 30 s ago: exit code 1; it last wrote: crashed" in fact.detail


def test_a_process_that_ended_once_is_a_warning_when_it_is_back() -> None:
    death = (Failure(AT - 30, "killed by SIGKILL"),)

    assert only(seen(processes=(Process("kafka", "ready", AT - 25, death),))).level == "warning"
    assert only(seen(processes=(Process("kafka", "restarting", AT - 25, death),))).level == "wrong"
    assert only(seen(processes=(Process("kafka", "starting", AT - 25),))).level == "warning"


def test_since_when_is_remembered_from_look_to_look(tmp_path: Path) -> None:
    memory = Memory()
    away = {"registry": Silence("Connection refused")}
    assert only(seen(**away), memory).since == AT
    memory.save(tmp_path / "run" / "seen.json")

    again = Memory.load(tmp_path / "run" / "seen.json")

    facts = bad(seen(at=AT + 20, **away), again)
    assert [fact.since for fact in facts if fact.name == "registry"] == [AT]
    assert again.looked == AT + 20


def test_what_was_well_in_between_is_new_and_an_old_look_says_nothing() -> None:
    memory = Memory()
    away = {"registry": Silence("Connection refused")}
    only(seen(**away), memory)
    memory.dated([], AT + 10)

    assert memory.dated([Fact("registry", "", "wrong", "")], AT + 20)[0].since == AT + 20
    assert memory.dated([Fact("registry", "", "wrong", "")], AT + 9000)[0].since == AT + 9000


def test_a_memory_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    for text in ("", "{}", "[]", '{"looked": 1, "since": 3, "stands": {}}'):
        (tmp_path / "seen.json").write_text(text)
        assert Memory.load(tmp_path / "seen.json") == Memory()


def test_the_line_names_the_worst_first() -> None:
    facts = [Fact("late", "clickstream", "warning", "many"), Fact("kafka", "", "wrong", "away")]

    assert headline(facts) == "not ready: kafka: away (and 1 more)"
    assert headline(facts[:1]) == "ready, with warnings: late clickstream: many"


def test_durations_are_spelt_as_people_say_them() -> None:
    assert [spell(seconds) for seconds in (-1, 0.4, 90, 150, 7199, 7200, 200_000)] == [
        "0 s",
        "0 s",
        "90 s",
        "2 min",
        "119 min",
        "2 h",
        "2 d",
    ]
