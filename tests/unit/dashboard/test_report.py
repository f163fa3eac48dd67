"""Reports of the past: which ranges, what is drawn, and one file that needs nothing else."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from footfall_dashboard.live.catalog import CATALOG
from footfall_dashboard.live.live import Live
from footfall_dashboard.live.rows import (
    ABANDONED,
    EVENTS,
    PROGRESS,
    REVENUE,
    AbandonedCart,
    EventMinute,
    JobProgress,
    RevenueMinute,
    Stream,
)
from footfall_dashboard.live.state import Phase
from footfall_dashboard.live.store import Store
from footfall_dashboard.live.view import Range
from footfall_dashboard.report.cli import report
from footfall_dashboard.report.content import content_of
from footfall_dashboard.report.html import PageError, bundle, render
from footfall_dashboard.report.making import PAGE, OutputError, write
from footfall_dashboard.report.ranges import ReportRangeError, range_of
from footfall_dashboard.report.reading import Past, streams_of
from typer.testing import CliRunner

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = Range(NOON, NOON + timedelta(hours=1))
MINUTE = timedelta(minutes=1)


STREAM_OF: dict[type, Stream[Any]] = {
    RevenueMinute: REVENUE,
    EventMinute: EVENTS,
    AbandonedCart: ABANDONED,
    JobProgress: PROGRESS,
}


# Ranges


@pytest.mark.parametrize(
    ("begin", "end", "since", "until"),
    [
        ("2026-03-01", "2026-03-02", "2026-02-28T23:00Z", "2026-03-01T23:00Z"),
        ("2026-03-01 18:30", "2026-03-01T19:00", "2026-03-01T17:30Z", "2026-03-01T18:00Z"),
        ("2026-03-01T17:30:45Z", "2026-03-01T17:31:01Z", "2026-03-01T17:30Z", "2026-03-01T17:32Z"),
        ("2026-03-02", None, "2026-03-01T23:00Z", "2026-03-02T12:00Z"),
        ("2026-03-02", "2026-03-09", "2026-03-01T23:00Z", "2026-03-02T12:00Z"),
    ],
)
def test_a_range_is_in_whole_minutes_of_the_past(begin: str, end: str | None, since: str, until: str) -> None:
    assert range_of(begin, end, BERLIN, NOW) == Range(datetime.fromisoformat(since), datetime.fromisoformat(until))


@pytest.mark.parametrize(
    ("begin", "end", "problem"),
    [
        ("yesterday", None, "--from 'yesterday' is no time: write one such as 2026-03-01"),
        ("2026-03-01", "later", "--to 'later' is no time"),
        ("2026-03-01", "2026-02-27", "--from 2026-03-01 is not before --to 2026-02-27: swap them"),
        ("2026-03-01", "2026-03-01", "is not before"),
        ("2026-03-03", None, "--from 2026-03-03 is not past yet: write a time before 2026-03-02 13:00 Europe/Berlin"),
        ("2026-02-01", None, "29.5 days long, a report covers 7 at most"),
        ("0001-01-01", None, "out of reach"),
    ],
)
def test_a_range_that_cannot_be_is_refused_with_the_cure(begin: str, end: str | None, problem: str) -> None:
    with pytest.raises(ReportRangeError, match=re.escape(problem)):
        range_of(begin, end, BERLIN, NOW)


# What stands in it


def minute(at: datetime, currency: str = "EUR", revenue: str = "10") -> RevenueMinute:
    money = Decimal(revenue)
    return RevenueMinute(at, at + MINUTE, currency, money, Decimal(0), money, Decimal(1), 2)


def past(*rows: Any, asked: Range = HOUR, missing: tuple[str, ...] = ()) -> Past:
    found = Past(Live(Store(1000, streams_of(asked, lambda _: None)), BERLIN))
    for row in rows:
        found.store.of(STREAM_OF[type(row)]).put(row)
    found.phases = {
        topic: Phase.MISSING if topic in missing else Phase.FOLLOWING for info in CATALOG for topic in info.topics
    }
    return found


def test_a_report_has_every_panel_of_the_catalog_drawn_for_its_range() -> None:
    rows = [
        minute(NOON),
        minute(NOON + 5 * MINUTE, revenue="2.50"),
        minute(NOON - MINUTE),
        minute(NOON + timedelta(hours=1)),
    ]

    content = content_of(past(*rows), BERLIN, HOUR, NOW)

    assert [panel["id"] for panel in content["panels"]] == [info.id for info in CATALOG] == list(content["data"])
    assert content["title"] == "Report: 2026-03-01 13:00 Europe/Berlin to 2026-03-01 14:00 Europe/Berlin"
    money = content["data"]["money"]
    assert (money["state"], money["from"], money["to"]) == (
        "live",
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T13:00:00.000Z",
    )
    assert {row[0]: row[2] for row in money["rows"] if row[2] != "0"} == {
        "2026-03-01T12:00:00.000Z": "10",
        "2026-03-01T12:05:00.000Z": "2.50",
    }
    json.dumps(content)


def test_numbers_of_today_are_those_of_the_range_beside_the_day_before() -> None:
    day_before = [minute(NOON - timedelta(days=1)), minute(NOON - timedelta(hours=25), revenue="999")]

    content = content_of(past(minute(NOON), *day_before), BERLIN, HOUR, NOW)

    rows = {(row[0], row[1]): row[2:] for row in content["data"]["now"]["rows"]}
    assert rows["Revenue", "EUR"] == ["10", "money", "10"]
    assert rows["Orders", "EUR"] == [2, "integer", 2]
    (info,) = [panel for panel in content["panels"] if panel["id"] == "now"]
    assert [column["title"] for column in info["columns"]][2:] == ["In the range", "Kind", "A day earlier"]
    assert not re.search("today|delay", json.dumps([info, content["data"]["now"]["rows"]]).lower())
    assert {panel["range"] for panel in content["panels"]} == {"the range", "newest"}


def test_what_is_true_only_now_and_what_is_not_there_say_so() -> None:
    content = content_of(past(minute(NOON), missing=("payment_failures",)), BERLIN, HOUR, NOW)

    assert content["data"]["low_stock"]["state"] == "empty"
    assert "what is true now" in content["data"]["low_stock"]["why"]
    assert "payment_failures" in content["data"]["payment_failures"]["why"]
    assert content["data"]["checkouts_by_channel"]["why"] == "No checkout in this range."


def test_how_far_numbers_are_final_is_what_the_job_says_now() -> None:
    progress = JobProgress("footfall", NOON + 30 * MINUTE + timedelta(seconds=9), NOON + 31 * MINUTE)

    content = content_of(past(minute(NOON), progress), BERLIN, HOUR, NOW)

    assert content["data"]["money"]["final_until"] == "2026-03-01T12:30:00.000Z"


def test_rows_of_other_times_take_no_room() -> None:
    heard: list[datetime] = []
    store = Store(1000, streams_of(HOUR, heard.append))
    for at in (NOON - timedelta(hours=26), NOON - timedelta(hours=24), NOON, NOON + timedelta(hours=1)):
        store.of(REVENUE).put(minute(at))

    assert [row.window_start for row in store.all(REVENUE)] == [NOON - timedelta(hours=24), NOON]
    assert max(heard) == NOON + timedelta(hours=1)


def test_rows_of_the_range_are_counted() -> None:
    cart = AbandonedCart("ann", NOON, NOON + MINUTE)

    assert past(minute(NOON), minute(NOON - MINUTE), cart).size(HOUR) == 2


# One file


INDEX = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Footfall</title>
    <link rel="stylesheet" href="assets/style.css" />
    <script src="assets/vendor/chart.js" defer></script>
    <link rel="modulepreload" href="assets/dom.js" />
    <script src="assets/main.js" type="module"></script>
  </head>
  <body><main></main></body>
</html>
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "style.css").write_text("body { color: red }")
    (tmp_path / "vendor" / "chart.js").write_text("var chart = 1;")
    (tmp_path / "main.js").write_text(
        'import { h as make, NAME } from "./dom.js";\nimport { x } from "./other.js";\nmake(NAME, x);\n'
    )
    (tmp_path / "other.js").write_text('import { NAME } from "./dom.js";\nexport const x = NAME;\n')
    (tmp_path / "dom.js").write_text(
        'export const NAME = "n";\nexport function h(tag) {\n  return tag;\n}\nconst x = 1;\n'
    )
    return tmp_path


CONTENT = {"title": "Report <1>", "data": {"a": "</script><script>alert(1)</script><!--"}}


def test_a_file_has_the_page_and_its_content_in_it(page: Path) -> None:
    text = render(page, CONTENT)

    assert "assets/" not in text
    assert "<title>Report &lt;1&gt;</title>" in text
    (data,) = re.findall(r'<script type="application/json" id="report">(.*?)</script>', text)
    assert json.loads(data) == CONTENT
    assert "alert(1)</script>" not in text
    # The page's own code finds its data and the charts before it runs.
    assert text.index('id="report"') < text.index("var chart") < text.index("module_main_js")


def test_nothing_runs_in_a_file_but_what_its_policy_names(page: Path) -> None:
    text = render(page, CONTENT)

    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        found = re.findall(rf"<{element}>(.*?)</{element}>", text, re.DOTALL)
        digests = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in found]
        assert rules[rule].split() == [f"'sha256-{digest}'" for digest in digests]
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_modules_become_functions_after_those_that_they_need(page: Path) -> None:
    code = bundle(page, "main.js")

    assert [code.index(f"const module_{name}_js =") for name in ("dom", "other", "main")] == sorted(
        code.index(f"const module_{name}_js =") for name in ("dom", "other", "main")
    )
    assert "const {h: make, NAME } = module_dom_js;" in code.replace("{ h", "{h")
    assert "return { NAME, h };" in code
    assert not re.search(r"^(import|export) ", code, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("dom.js", "export default 1;\n", "'export default 1;' is an import or export"),
        ("dom.js", 'import * as all from "./other.js";\n', "import or export that is not known"),
        ("dom.js", 'import { x } from "./other.js";\nexport const NAME = 1;\n', "imports itself"),
        ("main.js", 'const a = "</SCRIPT>";\n', "would end the element"),
        ("style.css", "</style>", "would end the element"),
        ("index.html", INDEX.replace("<main>", '<main><img src="assets/x.png">'), "refers to assets"),
        ("index.html", INDEX.replace("</body>", ""), "has no </body>"),
    ],
)
def test_a_page_that_cannot_be_put_into_one_file_is_refused(page: Path, name: str, text: str, problem: str) -> None:
    (page / name).write_text(text)

    with pytest.raises(PageError, match=problem):
        render(page, CONTENT)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write(tmp_path / "report.html", "é")

    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "é"
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "nowhere" / "report.html", "")


# The command


def app() -> typer.Typer:
    made = typer.Typer()
    made.command("report")(report)
    return made


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--from", "2026-03-05", "--to", "2026-03-01"], "footfall: --from 2026-03-05 is not before --to 2026-03-01"),
        (
            ["--from", "2026-03-01", "--to", "2026-03-02", "--output", "/nowhere/report.html"],
            "--output /nowhere/report.html is no file",
        ),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], problem: str) -> None:
    done = CliRunner().invoke(app(), arguments)

    assert done.exit_code == 1
    assert problem in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_page_itself_can_be_put_into_one_file() -> None:
    text = render(PAGE, content_of(past(minute(NOON)), BERLIN, HOUR, NOW))

    assert len(text) > 50_000
    assert not re.search(r'(?:src|href)="(?!#|data:|v1/|openapi|\?)[^"]', re.sub(r"(?s)<script.*?</script>", "", text))
