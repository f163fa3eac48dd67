import gzip
from collections import Counter
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import typer
from footfall_chassis.settings import ConnectionSettings
from footfall_generator import publish_cli
from footfall_generator.events.rows import Rows
from footfall_generator.publish_cli import publish
from footfall_generator.replay import replay
from footfall_generator.replay.formats import userbehavior
from footfall_generator.replay.formats.known import OnlineRetail, UserBehavior
from footfall_generator.replay.replay import ReplayError, replay_file
from typer.testing import CliRunner, Result

from .conftest import SCHEMA_IDS, Kept
from support import retail

NOWHERE = ConnectionSettings.model_construct(
    kafka_bootstrap_servers="127.0.0.1:1", schema_registry_url="http://127.0.0.1:1"
)
BEHAVIORS = "".join(f"1,{1000 + number},3,pv,{1511544000 + number}\n" for number in range(1000))


class Broker(Kept):
    """Takes everything at once; sets a flag after so many messages."""

    def __init__(self, *, stop_after: int | None = None, stop: Event | None = None) -> None:
        super().__init__()
        self.topics: list[str] = []
        self.flushed = False
        self.failed = self.dropped = Counter[str]()
        self._left, self._stop = stop_after, stop

    def send(self, rows: Rows) -> None:
        super().send(rows)
        if self._left is not None and self._stop and sum(map(len, self.rows)) >= self._left:
            self._stop.set()

    def flush(self, _: float) -> int:
        self.flushed = True
        return 0


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()

    def prepare(_: object, topics: Any, **__: object) -> dict[str, int]:
        broker.topics = [topic.name for topic in topics]
        return SCHEMA_IDS

    monkeypatch.setattr(replay, "prepare", prepare)
    monkeypatch.setattr(replay, "Publisher", lambda *_, **__: broker)
    return broker


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    app = typer.Typer()
    app.command()(publish)

    def invoke(*options: str) -> Result:
        return CliRunner().invoke(app, list(options))

    return invoke


def test_a_file_s_events_and_its_money_are_told(broker: Broker, run: Any, tmp_path: Path) -> None:
    path = tmp_path / "retail.csv.gz"
    path.write_bytes(gzip.compress(retail.FILE))

    result = run(str(path), "--format", "online-retail", "--currency", "EUR")

    assert result.exit_code == 0
    assert result.output.splitlines()[-21:-16] == [
        "retail.csv.gz: published and acknowledged",
        "27 rows: 9 checkouts, 2 refunds, 16 set apart",
        "net total 30,000,000,055.01 EUR, 80,000,000,379.193 EUR set apart",
        "from 2010-12-01 08:26:00 to 2010-12-01 16:50:00 UTC",
        "set apart: "
        + ", ".join(f"{reason} {count}" for reason, count in sorted(Counter(retail.APART.values()).items())),
    ]
    assert "line 13: UnitPrice 0.001 has more than two decimal places" in result.output
    assert broker.topics == ["clickstream", "checkouts", "refunds"]
    assert {row["currency"] for row in (*broker.records("checkouts"), *broker.records("refunds"))} == {"EUR"}


def test_a_check_publishes_nothing(broker: Broker, run: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(BEHAVIORS)
    bad.write_text("oops\n")

    assert [run(str(path), "--check").exit_code for path in (good, bad)] == [0, 2]
    assert broker.topics == []
    assert broker.rows == []


def test_a_file_without_prices_tells_no_money(broker: Broker, run: Any, tmp_path: Path) -> None:
    path = tmp_path / "behavior.csv"
    path.write_text(BEHAVIORS + "1,2,3,buy,1511544070\n\n")

    result = run(str(path))

    assert result.exit_code == 0
    assert result.output.splitlines()[-4:] == [
        "1,002 rows: 1,000 clicks, 1 checkouts, 1 set apart",
        "from 2017-11-24 17:20:00 to 2017-11-24 17:36:39 UTC",
        "set apart: blank line 1",
        "line 1002: blank line",
    ]
    assert {row["currency"] for row in broker.records("checkouts")} == {"CNY"}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--format", "excel"], "--format excel: choose userbehavior or online-retail"),
        (["--order", "random"], "--order random: write time or file"),
        (["--speed", "fast"], "--speed fast: write max or a number"),
        (["--speed", "0"], "must be above 0"),
        (["--topic-prefix", "a_b"], "--topic-prefix 'a_b' is not a topic prefix"),
        (["--limit", "0"], "must be above 0"),
        (["--resume-from", "7"], "resume-from needs order file"),
        (["--currency", "euro"], "--currency 'euro' is not a currency"),
        (["--zone", "UTC"], "--zone needs --format online-retail"),
        (["--format", "online-retail", "--zone", "Mars"], "--zone 'Mars' is not a time zone"),
        (["--format", "online-retail"], "its first line must name InvoiceNo"),
        (["--format", "online-retail", "--categories", "c.csv"], "categories need format userbehavior"),
    ],
)
def test_a_wrong_option_gets_one_line(run: Any, tmp_path: Path, options: list[str], complaint: str) -> None:
    path = tmp_path / "behavior.csv"
    path.write_text(BEHAVIORS)

    result = run(str(path), *options)

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("footfall: ")
    assert complaint in line


@pytest.mark.parametrize(("order", "hint"), [("file", "; go on with --order file --resume-from 301"), ("time", "")])
def test_who_stops_it_is_told_how_to_go_on(
    broker: Broker, run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, order: str, hint: str
) -> None:
    stop, path = Event(), tmp_path / "behavior.csv"
    path.write_text(BEHAVIORS)
    monkeypatch.setattr(publish_cli, "stop_on_signals", lambda: stop)
    monkeypatch.setattr(userbehavior, "BLOCK", len(BEHAVIORS) // 10 - 1)
    monkeypatch.setattr("footfall_generator.replay.source.BATCH", 100)
    broker._left, broker._stop = 300, stop

    result = run(str(path), "--order", order)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].endswith(f"stopped before its end{hint}")


def test_a_file_goes_on_where_it_was_stopped(broker: Broker, tmp_path: Path) -> None:
    path = tmp_path / "retail.csv"
    path.write_bytes(retail.FILE)

    first = replay_file(path, connection=NOWHERE, file_format=OnlineRetail(), order="file", limit=4)
    rest = replay_file(path, connection=NOWHERE, file_format=OnlineRetail(), order="file", resume_from=first.next_line)

    ids = [row["checkout_id"] for row in broker.records("checkouts")]
    assert [int(each.rsplit("-", 1)[1]) for each in ids] == retail.CHECKOUTS
    assert len(broker.records("refunds")) == 2
    assert first.net is not None
    assert rest.net is not None
    assert first.net + rest.net == retail.NET
    assert first.apart.amount + rest.apart.amount == retail.APART_AMOUNT


def test_the_same_file_has_the_same_ids_in_whatever_order(broker: Broker, tmp_path: Path) -> None:
    path = tmp_path / "retail.csv"
    path.write_bytes(retail.FILE)

    for order in ("time", "file"):
        replay_file(path, connection=NOWHERE, file_format=OnlineRetail(), order=order)

    ids = Counter(row["checkout_id"] for row in broker.records("checkouts"))
    assert len(ids) == len(retail.CHECKOUTS)
    assert set(ids.values()) == {2}


def test_a_file_that_breaks_off_half_way_says_what_was_published(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(userbehavior, "BLOCK", 1000)
    path = tmp_path / "behavior.csv.gz"
    path.write_bytes(gzip.compress(BEHAVIORS.encode())[:-1])

    with pytest.raises(ReplayError, match=r"is damaged or cut off; \d+ events before that were published") as error:
        replay_file(path, connection=NOWHERE, file_format=UserBehavior(), order="file")

    assert str(path) in str(error.value)
    published = len(broker.records("clickstream"))
    assert f"; {published} events" in str(error.value)
    assert 0 < published < len(BEHAVIORS.splitlines())
    assert broker.flushed


def test_by_time_nothing_is_published_of_a_file_that_breaks_off(broker: Broker, tmp_path: Path) -> None:
    path = tmp_path / "behavior.csv.gz"
    path.write_bytes(gzip.compress(BEHAVIORS.encode())[:-1])

    with pytest.raises(ReplayError, match=r"is damaged or cut off$"):
        replay_file(path, connection=NOWHERE)

    assert broker.rows == []
