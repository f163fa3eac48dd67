"""What a run over events of the past may touch, and when it may begin."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from footfall_analytics.backfill_cli import backfill as command
from footfall_analytics.running import backfill
from footfall_analytics.running.backfill import Backfill, BackfillError
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.running.snapshots import FOLDERS
from footfall_analytics.settings import AnalyticsSettings
from typer import Typer
from typer.testing import CliRunner


def cluster(*jobs: tuple[str, str], free: int = 2) -> FlinkRest:
    tasks = {"running": 2, "total": 2}
    known = [{"jid": name, "name": name, "state": state, "start-time": 1, "tasks": tasks} for name, state in jobs]
    answers: dict[str, Any] = {"/jobs/overview": {"jobs": known}, "/overview": {"slots-available": free}}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path])

    return FlinkRest("http://flink:8081", transport=httpx.MockTransport(answer))


def run(prefix: str, rest: FlinkRest | None = None, **settings: Any) -> Backfill:
    return Backfill(AnalyticsSettings(**settings), prefix, rest or cluster())


def test_a_run_has_a_name_and_state_of_its_own(tmp_path: Path) -> None:
    live = AnalyticsSettings(data_dir=tmp_path, job="stock")
    runs = [Backfill(live, prefix, cluster()).job_settings for prefix in ("", "replay-1a2b-")]

    assert [each.name_in_flink for each in runs] == ["footfall-recorded", "footfall-recorded-replay-1a2b"]
    for each in runs:
        # The live job goes on from the newest checkpoint that it finds in these, and deletes what is not its own.
        for job in ("all", "shop", "stock"):
            folders = [live.model_copy(update={"job": job}).state_dir / kind for kind in FOLDERS]
            assert not [folder for folder in folders if each.state_dir.is_relative_to(folder)]
            assert not [folder for folder in folders if each.state_dir / folder.name == folder]
        assert each.job == "all"


def test_results_go_to_topics_of_their_own_behind_the_installations_prefix() -> None:
    names = run("replay-1a2b-", topic_prefix="t-").results

    assert "t-recorded-event_counts" in names
    assert all(name.startswith("t-recorded-") for name in names)
    assert "t-recorded-progress" not in names


def test_a_run_over_the_live_topics_neither_makes_nor_deletes_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "AdminClient", None)
    own = run("", topic_prefix="t-")

    assert own.input_prefix == "t-"
    own.delete_topics()
    with pytest.raises(BackfillError, match="give a prefix"):
        own.create_topics()


@pytest.mark.parametrize(
    ("other", "cure"),
    [
        ("footfall-recorded-replay-9", "footfall backfill replay-9- --stage delete"),
        ("footfall-recorded", "footfall backfill --stage delete"),
    ],
)
def test_a_run_is_refused_while_another_goes_on(other: str, cure: str) -> None:
    run(
        "mine-", cluster((other, "FINISHED"), ("footfall", "RUNNING"), ("footfall-recordedly", "RUNNING"))
    ).require_place()

    with pytest.raises(BackfillError, match=f"job {other} is still computing .* stop it: {cure}$"):
        run("mine-", cluster((other, "RUNNING"))).require_place()


def test_a_run_that_would_wait_for_slots_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "SLOT_TIMEOUT", 0.0)

    run("mine-", cluster(free=1), parallelism=1).require_place()
    with pytest.raises(
        BackfillError, match=r"needs 2 slots and Flink has 1 free; .*FLINK_SLOTS.*ANALYTICS_PARALLELISM"
    ):
        run("mine-", cluster(free=1)).require_place()


@pytest.mark.parametrize("prefix", ["replay", "a b-", "../x-", "t-"])
def test_a_prefix_that_is_none_or_that_of_the_live_topics_is_refused(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.setenv("ANALYTICS_TOPIC_PREFIX", "t-")
    app = Typer()
    app.command()(command)

    answer = CliRunner().invoke(app, [prefix, "--stage", "delete"])

    assert answer.exit_code == 2
    assert repr(prefix) in answer.output
