"""Splitting SQL text."""

from pathlib import Path

import pytest
from footfall_analytics.adhoc.script import statements, words
from footfall_analytics.planning.sqltext import SQL_ROOT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;\n\nSELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("-- SELECT 0;\nSELECT 1 -- ; one\n;", ["SELECT 1"]),
        ("SELECT ';''--'; SELECT 2", ["SELECT ';''--'", "SELECT 2"]),
        ("SELECT `a;b` FROM t", ["SELECT `a;b` FROM t"]),
        ("/* a; */ SELECT 1", ["SELECT 1"]),
        ("SELECT * FROM t /*+ OPTIONS('a' = ';') */", ["SELECT * FROM t /*+ OPTIONS('a' = ';') */"]),
        ("SELECT 'open; SELECT 2", ["SELECT 'open", "SELECT 2"]),
        (
            "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END; SELECT 3",
            ["EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END", "SELECT 3"],
        ),
        (" ; -- nothing\n ;", []),
    ],
)
def test_statements_end_at_semicolons_that_are_neither_quoted_nor_commented(text: str, expected: list[str]) -> None:
    assert [statement.strip() for statement in statements(text)] == expected


def test_a_statement_keeps_its_line() -> None:
    first, second = statements("-- one\n/* two\n three */ SELECT 4;\n\n SELECT\n7;")

    assert first == "\n\nSELECT 4"
    assert second == "\n\n\n\nSELECT\n7"


def test_names_are_found_quoted_or_not_but_never_in_literals_or_comments() -> None:
    assert words(["SELECT `a b`, 'c' FROM d -- e"]) == {"SELECT", "a b", "FROM", "d"}


@pytest.mark.parametrize("path", sorted((SQL_ROOT / "process").rglob("*.sql")), ids=lambda path: path.stem)
def test_each_file_of_the_core_is_one_statement(path: Path) -> None:
    assert len(statements(path.read_text())) == 1
