"""The job outlives everything that runs it, and goes on when views come and go: state is kept, rows are exact."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from footfall_stack import state
from footfall_stack.testing import running_stack

from checks.prove.evidence import Evidence, Run
from checks.prove.waiting import JOB, Jobs, wait_quiet
from support.kafka import wait_until
from support.oracle import Row
from support.outputs import differences
from support.shop import UNHURRIED, Shop, finish

pytestmark = [pytest.mark.stack, pytest.mark.long, pytest.mark.timeout(1800)]

START = datetime(2026, 3, 2, 9, 50, tzinfo=UTC)
PART = timedelta(minutes=4)
SIZE = ("--duration", "4m", "--shop-rate", "15", "--users", "800", "--products", "40")
FAULTS = ("--out-of-order", "5", "--duplicates", "2", "--poison", "1")
KEPT = ("event_counts", "sessions", "inventory_alerts", "late_events", "dead_letters", "event_accounting")
ADDED = ("revenue_by_category", "payment_failures")
"""Neither is there at first; the job has to learn categories and users for the first, and products again."""
REMOVED = "payment_failures"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    # Savepoints, plans and logs, too, in a folder of any name.
    folder = tmp_path_factory.mktemp("changes") / "a b#c" / "ü%20"
    with running_stack(folder, ["kafka", "registry"], env=UNHURRIED) as stack:
        yield Shop(stack)


@pytest.fixture(scope="module")
def evidence(shop: Shop) -> Evidence:
    """Publish four parts of an hour; between them views come and go, everything is killed, subtasks become two and one."""
    _publish(shop, 0)
    shop.stack.stop()
    _start(shop, KEPT, parallelism=1)
    wait_until(lambda: bool(shop.read("event_counts")), seconds=900, what="the first committed minute")
    shop.stack.stop()

    _start(shop, (*KEPT, *ADDED), parallelism=2)
    publishing = shop.begin(*_command(1))
    wait_until(lambda: len(shop.read("event_counts")) > 0, seconds=900, what="counts")
    finish(publishing)
    _kill_everything(shop)
    _start(shop, (*KEPT, *ADDED), parallelism=2)
    _publish(shop, 2)
    wait_quiet(Jobs(shop), quiet_for=6, seconds=900)
    shop.stack.stop()

    _start(shop, (*KEPT, ADDED[0]), parallelism=1)
    _publish(shop, 3, "--close-windows", "--close-after", "2h")
    # Longer than the idle timeout, by as much as a busy machine may take besides.
    wait_quiet(Jobs(shop), quiet_for=20, seconds=900)
    return Evidence(shop, Run("changes"))


def _command(number: int, *options: str) -> list[str]:
    known = ["--no-dimensions"] if number else []
    when = ["--seed", str(40 + number), "--start", (START + number * PART).isoformat()]
    return ["generate", "--rate", "max", *when, *SIZE, *FAULTS, *known, *options]


def _publish(shop: Shop, number: int, *options: str) -> None:
    finish(shop.begin(*_command(number, *options)))


def _start(shop: Shop, views: tuple[str, ...], *, parallelism: int) -> None:
    env = {"ANALYTICS_VIEWS": ",".join(views), "ANALYTICS_PARALLELISM": str(parallelism)}
    shop.stack.start(["analytics"], env=env)
    shop.stack.wait_ready()
    Jobs(shop).wait_up()


def _kill_everything(shop: Shop) -> None:
    """As a power cut does: the supervisor first, so that it restarts nothing."""
    now = state.read(shop.stack.layout.state)
    assert now is not None
    for pid in [now.supervisor, *(process.pid for process in now.processes if process.pid)]:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("name", ["event_counts", "sessions", "inventory-alerts", "event_accounting"])
def test_what_was_there_from_the_start_is_exact(evidence: Evidence, name: str) -> None:
    expected = evidence.oracle.outputs()[name]()

    assert expected
    assert differences(expected, evidence.rows(name)) == {"missing": [], "surplus": []}


def test_a_view_that_came_later_is_exact_from_then_on(evidence: Evidence) -> None:
    begin, end = START + PART + timedelta(minutes=1), evidence.until
    expected = _within(evidence.oracle.outputs()["revenue_by_category"](), begin, end)

    assert len(expected) > 5
    assert {row["category"] for row in expected} - {"Unknown"}, "no category is known: versions were not read anew"
    assert differences(expected, _within(evidence.rows("revenue_by_category"), begin, end)) == {
        "missing": [],
        "surplus": [],
    }


def test_a_view_that_was_taken_out_is_exact_until_then(evidence: Evidence) -> None:
    begin, end = START + PART + timedelta(minutes=1), START + 3 * PART - timedelta(minutes=1)
    expected = _within(evidence.oracle.outputs()[REMOVED](), begin, end)

    assert expected
    assert differences(expected, _within(evidence.rows(REMOVED), begin, end)) == {"missing": [], "surplus": []}


def _within(rows: list[Row], begin: datetime, end: datetime) -> list[Row]:
    return [row for row in rows if begin <= row["window_start"] and row["window_end"] <= end]


def test_nothing_was_written_beside_the_stacks_folder(shop: Shop, evidence: Evidence) -> None:
    folder = shop.stack.layout.data

    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert [path.name for path in folder.parent.parent.iterdir()] == [folder.parent.name]


def test_there_was_one_job_at_a_time(shop: Shop, evidence: Evidence) -> None:
    assert [job.is_up for job in shop.flink.jobs(JOB)] == [True]
    assert "second job" not in shop.stack.log("analytics")


def test_lost_state_is_no_reason_to_start_from_nothing(shop: Shop, evidence: Evidence) -> None:
    before = len(shop.read("event_counts"))
    shop.stack.stop()
    flink = Path(shop.stack.env["FOOTFALL_DATA_DIR"]) / "flink"
    hidden = [(path, path.with_name("hidden")) for path in flink.glob("*points/**/_metadata")]
    for path, away in hidden:
        path.rename(away)

    shop.stack.start(["analytics"])
    with pytest.raises(RuntimeError, match="the run ended"):
        shop.stack.wait_ready()

    assert "footfall reset-state" in shop.stack.log("analytics")
    for path, away in hidden:
        away.rename(path)
    shop.stack.stop()
    _start(shop, (*KEPT, ADDED[0]), parallelism=1)
    assert len(shop.read("event_counts")) == before
