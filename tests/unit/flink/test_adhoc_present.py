"""Answers as people and programs read them."""

import json
from collections.abc import Iterator, Sequence
from io import StringIO

import pytest
from footfall_analytics.adhoc.present import show_json, show_tables
from footfall_analytics.adhoc.runner import Answer, Columns, QueryError, Row
from rich.console import Console

COLUMNS = Columns(("action", "n"))


def shown(answers: Sequence[Answer], *, bounded: bool) -> list[list[str]]:
    console = Console(file=StringIO(), width=80)
    show_tables(console, answers, bounded=bounded)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return [line.split() for line in text.splitlines() if line.strip() and "─" not in line]


def test_a_bounded_result_is_one_table_whatever_its_pauses() -> None:
    answers: list[Answer] = [None, COLUMNS, Row("+I", ("page_view", 1)), None, Row("+I", ("purchase", 2))]

    assert shown(answers, bounded=True) == [["action", "n"], ["page_view", "1"], ["purchase", "2"]]


def test_rows_that_come_are_shown_at_each_pause_with_what_happened_to_them() -> None:
    answers: list[Answer] = [COLUMNS, Row("+I", ("a", 1)), None, None, Row("-U", ("a", 1)), Row("+U", ("a", 2))]

    expected = [["action", "n"], ["a", "1"], ["op", "action", "n"], ["-U", "a", "1"], ["+U", "a", "2"]]
    assert shown(answers, bounded=False) == expected


def test_a_result_without_rows_says_so_once() -> None:
    assert shown([COLUMNS, None, COLUMNS], bounded=False) == [["no", "rows"], ["no", "rows"]]
    assert shown([COLUMNS, Row("+I", ("a", 1)), None], bounded=False) == [["action", "n"], ["a", "1"]]


def test_what_came_before_an_error_is_shown() -> None:
    def answers() -> Iterator[Answer]:
        yield COLUMNS
        yield Row("+I", ("a", 1))
        raise QueryError("no more")

    console = Console(file=StringIO(), width=80)
    with pytest.raises(QueryError):
        show_tables(console, answers(), bounded=True)
    assert "a " in console.file.getvalue()  # type: ignore[attr-defined]


def test_a_plan_is_shown_as_text() -> None:
    assert shown([Columns(("result",)), Row("+I", ("== Plan ==\n  [x]",))], bounded=True) == [
        ["==", "Plan", "=="],
        ["[x]"],
    ]


def test_both_ends_of_a_window_are_shown_when_they_are_asked_for() -> None:
    answers: list[Answer] = [
        Columns(("window_start", "window_end")),
        Row("+I", ("2026-01-05T10:15:00.000", "2026-01-05T10:16:00.000")),
    ]

    assert shown(answers, bounded=True)[1] == ["2026-01-05", "10:15", "2026-01-05", "10:16"]


@pytest.mark.parametrize("changes", [True, False])
def test_json_tells_what_happened_only_where_rows_can_change(
    capsys: pytest.CaptureFixture[str], *, changes: bool
) -> None:
    show_json([COLUMNS, Row("-U", ("a", 1)), None], changes=changes)

    op = {"op": "-U"} if changes else {}
    assert json.loads(capsys.readouterr().out) == op | {"action": "a", "n": 1}
