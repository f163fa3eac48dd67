"""What `footfall sql` refuses before anything is started."""

from pathlib import Path

import pytest
from footfall_analytics.adhoc.cli import sql
from typer.testing import CliRunner


def unboxed(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        (["-e", "SELECT 1", "-f", "-"], 2, "choose either -e or -f"),
        (["-e", "SELECT 1", "--timeout", "soon"], 2, "'soon' is no duration"),
        (["-e", " ; -- nothing"], 1, "footfall: no statement to run"),
        (["-f", "nowhere.sql"], 2, "nowhere.sql"),
    ],
)
def test_what_cannot_be_asked_is_named(options: list[str], status: int, complaint: str) -> None:
    result = CliRunner().invoke(sql, options, input="")

    assert result.exit_code == status
    assert complaint in unboxed(result.stderr)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.sql"
    path.write_bytes(b"SELECT '\xff'")

    result = CliRunner().invoke(sql, ["-f", str(path)])

    assert result.exit_code == 2
    assert "is not UTF-8" in unboxed(result.stderr)


def test_the_plan_of_the_core_is_printed_under_the_same_name() -> None:
    result = CliRunner().invoke(sql, ["plan", "--view", "unique_visitors"])

    assert result.exit_code == 0
    assert "INSERT INTO unique_visitors_sink" in result.stdout
