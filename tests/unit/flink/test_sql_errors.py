"""What Flink refuses is told by file, line and the name that was meant."""

import pytest
from footfall_analytics.planning.sql_errors import missing, refusal

FILE = "process/published/sessions.sql"
NAMES = ["user_events", "quantity", "process_user_events", "parent_category_name", "STRING"]


def _trace(reason: str, *, place: str = "From line 3, column 6 to line 3, column 15: ") -> str:
    return (
        "An error occurred while calling o7.sqlQuery.\n: "
        f"org.apache.flink.table.api.ValidationException: SQL validation failed. {place}{reason}\n\tat a.B(B.scala:1)\n"
        f"Caused by: org.apache.calcite.runtime.CalciteContextException: {place}{reason}\n\tat a.B(B.java:1)\n\t... 6 more\n"
        f"Caused by: org.apache.calcite.sql.validate.SqlValidatorException: {reason}\n\t... 25 more\n"
    )


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("Object 'usr_events' not found", "user_events"),
        ("Column 'quantiti' not found in any table", "quantity"),
        ("Column 'parent_categry_name' not found in table 'c'", "parent_category_name"),
        ("No match found for function signature proces_user_events(<CHARACTER>)", "process_user_events"),
    ],
)
def test_an_unknown_name_is_told_with_the_one_that_was_meant(reason: str, meant: str) -> None:
    assert refusal(FILE, _trace(reason), NAMES, before=4) == f"{FILE}, line 7: {reason}; did you mean {meant}?"


def test_a_name_that_is_like_no_other_is_told_alone() -> None:
    assert refusal(FILE, _trace("Object 'zzz' not found"), NAMES) == f"{FILE}, line 3: Object 'zzz' not found"


def test_syntax_is_told_with_its_line_and_without_all_that_could_stand_there() -> None:
    reason = "Incorrect syntax near the keyword 'LEFT' at line 25, column 1."
    trace = (
        f'org.apache.flink.table.api.SqlParserException: SQL parse failed. {reason}\nWas expecting one of:\n    "CROSS" ...\n'
        f'Caused by: org.apache.calcite.sql.parser.SqlParseException: {reason}\nWas expecting one of:\n    "CROSS" ...\n'
    )

    assert refusal(FILE, trace, NAMES, before=2) == f"{FILE}, line 27: {reason}"


def test_a_signature_of_thousands_of_characters_is_cut() -> None:
    told = refusal(FILE, _trace(f"No match found for function signature odd({'<CHARACTER>, ' * 500})"), NAMES)

    assert told
    assert len(told) < 400


def test_what_is_not_the_statements_fault_is_not_told() -> None:
    assert refusal(FILE, "java.lang.OutOfMemoryError: Java heap space\n\tat a.B(B.java:1)", NAMES) is None


def test_a_column_that_the_view_lacks_is_told_with_the_one_that_was_meant() -> None:
    assert missing("payment_failures", ["reason", "failures"], ["resaon", "failures"]) == [
        "view payment_failures has no column reason, which its schema has; did you mean resaon?"
    ]
