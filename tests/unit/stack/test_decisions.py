from dataclasses import replace

import pytest
from footfall_stack.model import Process, StackError
from footfall_stack.restarts import Again, GiveUp, RestartPolicy
from footfall_stack.selection import dependants, select


def make(name: str, *needs: str) -> Process:
    return Process(name, (name,), ready=lambda: True, needs=needs)


STACK = [make("worker", "broker", "registry"), make("page", "worker"), make("registry"), make("broker")]


def names(processes: list[Process]) -> list[str]:
    return [process.name for process in processes]


def test_needs_come_before_those_who_need_them() -> None:
    order = names(select(STACK))

    assert sorted(order) == ["broker", "page", "registry", "worker"]
    assert order.index("broker") < order.index("worker") < order.index("page")


def test_only_brings_what_is_needed_and_nothing_else() -> None:
    assert set(names(select(STACK, only=["worker"]))) == {"worker", "broker", "registry"}


def test_what_is_left_out_is_not_brought_back_by_a_need() -> None:
    assert names(select(STACK, only=["worker"], without=["broker"])) == ["registry", "worker"]


def test_an_unknown_name_is_answered_with_the_likely_one() -> None:
    with pytest.raises(StackError, match="unknown process 'brokr': did you mean broker"):
        select(STACK, only=["brokr"])


def test_an_unknown_name_is_answered_with_all_there_are() -> None:
    with pytest.raises(StackError, match="choose from worker, page, registry, broker"):
        select(STACK, without=["zzz"])


def test_dependants_are_those_that_need_it_directly() -> None:
    assert dependants(STACK) == {"broker": {"worker"}, "registry": {"worker"}, "worker": {"page"}, "page": set()}


def test_what_is_optional_runs_only_when_it_is_asked_for() -> None:
    stack = [*STACK, replace(make("database"), optional=True)]

    assert "database" not in names(select(stack))
    assert names(select(stack, extra=["database"])).count("database") == 1
    assert names(select(stack, only=["database"])) == ["database"]
    assert set(names(select(stack, only=["broker"], extra=["database"]))) == {"broker", "database"}


def test_what_somebody_wants_is_not_brought_but_ends_after_them() -> None:
    stack = [replace(make("job"), wants=("database",)), replace(make("database"), optional=True)]

    assert names(select(stack, only=["job"])) == ["job"]
    assert dependants(stack)["database"] == {"job"}


@pytest.mark.parametrize(("deaths", "delay"), [([100], 1), ([90, 100], 2), ([80, 90, 100], 4), ([70, 80, 90, 100], 5)])
def test_pauses_double_up_to_a_limit(deaths: list[float], delay: float) -> None:
    assert RestartPolicy(max_delay=5).decide(deaths, 100) == Again(delay)


def test_old_deaths_are_forgotten() -> None:
    assert RestartPolicy(window=120).decide([0, 1, 2, 3, 200], 200) == Again(1)


def test_a_process_that_keeps_dying_is_given_up() -> None:
    assert RestartPolicy(limit=5, window=120).decide([0, 20, 40, 60, 80], 80) == GiveUp(5, 120)
