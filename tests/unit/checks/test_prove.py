from random import Random

from checks.prove.live import VICTIMS, parts
from checks.prove.verdict import compared, summary


def test_every_victim_dies_and_the_job_runs_with_one_two_and_one_subtasks() -> None:
    for seed in range(50):
        plan = parts(Random(seed))

        assert set(VICTIMS) <= {part.victim for part in plan}
        assert [part.rescale_to for part in plan if part.rescale_to] == [2, 1]
        assert plan[-1].rescale_to is None, "the last part needs a job to wait for"


def test_the_same_seed_kills_the_same_at_the_same_moments() -> None:
    assert parts(Random(3)) == parts(Random(3))


def test_a_verdict_counts_all_and_shows_some_of_what_is_wrong() -> None:
    verdict = compared("live", "sessions", 9, {"missing": [{"n": number} for number in range(5)], "surplus": ["x"]})

    assert (verdict.differences, verdict.holds) == (6, False)
    assert verdict.examples == ["missing: {'n': 0}", "missing: {'n': 1}", "missing: {'n': 2}", "surplus: x"]


def test_the_summary_names_what_does_not_hold() -> None:
    verdicts = [compared("live", "sessions", 9, {"missing": []}), compared("live", "late-events", 1, {"twice": [1]})]

    assert summary(verdicts) == "1 of 2 hold; not late-events"
