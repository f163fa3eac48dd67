import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from footfall_generator.cli import generate
from footfall_generator.events.partitions import partition_of
from footfall_generator.events.streams import TOPICS
from footfall_generator.faults.fault_injection import Faults
from footfall_generator.generate import Workload
from footfall_generator.publish.ledger import Ledger
from typer.testing import CliRunner

from .conftest import START, Simulate

WORKLOAD = Workload(
    rate=100.0,
    paced=False,
    start=None,
    duration=timedelta(minutes=1),
    events=None,
    seed=1,
    users=10,
    products=10,
    lead_time=timedelta(minutes=3),
    refund_share=0.05,
    currencies=("EUR",),
    topic_prefix="",
    dimensions=True,
    price_changes=False,
    faults=Faults(),
    close_after=None,
)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("GENERATOR_CONNECT_TIMEOUT", "1ms")
    app = typer.Typer()
    app.command()(generate)
    return app


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--rate", "fast"], "'fast' is neither 'max' nor a number"),
        (["--rate", "0"], "'0' is neither"),
        (["--rate", "-5"], "'-5' is neither"),
        (["--rate", "nan"], "'nan' is neither"),
        (["--duration", "10"], "'10' is no duration"),
        (["--duration", "0s"], "at least 1ms"),
        (["--events", "0"], "'--events': Input should be greater"),
        (["--start", "yesterday"], "is not an ISO 8601 time"),
        (["--start", "1969-01-01"], "is not between 1970-07-18 and 2039-09-07"),
        (["--start", "2050-01-01"], "is not between"),
        (["--shop-rate", "10"], "--shop-rate needs --rate max"),
        (["--late", "101"], "'--late': Input should be less"),
        (["--late", "60", "--poison", "60"], "add up to 100"),
        (["--max-delay", "3s"], "max-delay"),
        (["--users", "0"], "'--users': Input should be greater"),
        (["--refund-share", "1.5"], "--refund-share: 1.5 is not between 0 and 1"),
        (["--refund-share", "-0.1"], "--refund-share: -0.1 is not between"),
        (["--refund-share", "nan"], "--refund-share: nan is not between"),
        (["--currencies", ""], "--currencies: write 1 to 20 currencies"),
        (["--currencies", "EUR,"], "'' is not a currency"),
        (["--topic-prefix", "a_b"], "'a_b' is not a topic prefix; write letters, digits and hyphens"),
        (["--currencies", "eur"], "'eur' is not a currency; write three capital letters"),
        (["--currencies", "EUR,SEK,EUR"], "currency EUR is given twice"),
        (["--close-windows", "--close-after", "soon"], "'soon' is no duration"),
        (["--close-windows"], "in the future"),
        (["--rate", "max", "--close-windows"], "in the future"),
        (["--ledger", "/nowhere/at/all/ledger.jsonl"], "No such file or directory"),
    ],
)
def test_a_wrong_option_is_named_and_ends_with_status_2(app: typer.Typer, options: list[str], complaint: str) -> None:
    result = CliRunner().invoke(app, options, env={"TERMINAL_WIDTH": "400", "COLUMNS": "400"})

    assert result.exit_code == 2
    assert complaint in result.output


def test_a_wrong_setting_is_named_and_ends_with_status_2(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENERATOR_SEED", "x")

    result = CliRunner().invoke(app, [])

    assert result.exit_code == 2
    assert "GENERATOR_SEED" in result.output


def test_a_broker_that_is_away_gets_one_clear_line(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["--events", "1"])

    assert result.exit_code == 1
    assert result.stderr.startswith("footfall: the broker at 127.0.0.1:1 does not answer (")


def test_unpaced_events_end_now_and_live_ones_begin_now() -> None:
    unpaced, live = WORKLOAD, Workload(**{**vars(WORKLOAD), "paced": True})

    assert unpaced.spec(START).start == START - 60_000
    assert live.spec(START).start == START


def test_closing_events_may_lie_in_the_past_only() -> None:
    past = Workload(**{**vars(WORKLOAD), "start": START - 3_600_000, "close_after": timedelta(minutes=59)})

    assert not past.closes_after(START)
    assert past.closes_after(START - 1)


@pytest.mark.parametrize(("events", "total"), [(None, 6_000), (500, 500), (10_000, 6_000)])
def test_the_shorter_of_duration_and_events_counts(events: int | None, total: int) -> None:
    assert Workload(**{**vars(WORKLOAD), "events": events}).total == total


def test_the_ledger_has_a_line_for_every_message_in_the_order_of_emission(simulate: Simulate, tmp_path: Path) -> None:
    run, kept = simulate(events=2_000, faults=Faults(out_of_order=5, late=5, duplicates=5, poison=5))
    run.finish(timedelta(hours=1), lambda _: 4)
    out = io.StringIO()

    for rows in kept.rows:
        Ledger(out, {each.name: 4 for each in TOPICS}).write(rows)

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    messages = kept.messages()
    assert [(line["topic"], line["key"].encode()) for line in lines] == [(name, key) for name, key, _ in messages]
    assert {line["fault"] for line in lines} == {"normal", "out_of_order", "late", "duplicate", "poison"}
    for line in lines:
        assert line["partition"] == partition_of(line["key"].encode(), 4)
        assert ("record" in line) != (line["fault"] == "poison")
