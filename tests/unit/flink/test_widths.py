"""A column holds what is written to it, or is named with the cure."""

import pytest
from footfall_analytics.planning.sqltypes import type_of
from footfall_analytics.planning.widths import Misfit, misfits


def compared(written: str, column: str) -> list[Misfit]:
    return misfits({"a": type_of(written), "not_written": type_of("INT")}, {"a": type_of(column)})


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("INT NOT NULL", "INT"),
        ("INT", "BIGINT"),
        ("INT", "DECIMAL(10, 0)"),
        ("INT", "DOUBLE"),
        ("DECIMAL(12, 2)", "DECIMAL(12, 2)"),
        ("DECIMAL(29, 6)", "DECIMAL(38, 6)"),
        ("DECIMAL(3, 0)", "TINYINT"),
        ("FLOAT", "DOUBLE"),
        ("CHAR(3)", "CHAR(3)"),
        ("CHAR(3)", "VARCHAR(3)"),
        ("VARCHAR(11)", "STRING"),
        ("BINARY(4)", "BYTES"),
        ("TIMESTAMP(3) *ROWTIME*", "TIMESTAMP(3)"),
        ("TIMESTAMP(0)", "TIMESTAMP(3)"),
        ("DATE", "DATE"),
        ("ARRAY<ROW<`a` DECIMAL(12, 2) NOT NULL> NOT NULL>", "ARRAY<ROW<`b` DECIMAL(38, 6)>>"),
        ("MAP<CHAR(3), INT>", "MAP<STRING, BIGINT>"),
    ],
)
def test_what_a_column_holds_may_be_written_to_it(written: str, column: str) -> None:
    assert compared(written, column) == []


@pytest.mark.parametrize(
    ("written", "column", "cure"),
    [
        ("INT", "INT NOT NULL", "COALESCE"),
        ("BIGINT", "INT", "19 digits before the point and 0 after it"),
        ("BIGINT", "DECIMAL(18, 0)", "19 digits before"),
        ("DECIMAL(38, 2)", "DECIMAL(38, 6)", "CAST to 6 decimal places what is added"),
        ("DECIMAL(38, 10)", "DECIMAL(38, 6)", "28 digits before the point and 10 after it"),
        ("DECIMAL(29, 6)", "DECIMAL(18, 6)", "23 digits before"),
        ("DECIMAL(12, 2)", "BIGINT", "2 after it"),
        ("BIGINT", "DOUBLE", "a type that holds it"),
        ("DECIMAL(12, 2)", "FLOAT", "a type that holds it"),
        ("DOUBLE", "DECIMAL(38, 6)", "a type that holds it"),
        ("DOUBLE", "FLOAT", "a type that holds it"),
        ("STRING", "VARCHAR(100)", "a type that holds it"),
        ("CHAR(4)", "VARCHAR(3)", "a type that holds it"),
        ("VARCHAR(3)", "CHAR(3)", "a type that holds it"),
        ("CHAR(2)", "CHAR(3)", "a type that holds it"),
        ("BYTES", "VARBINARY(8)", "a type that holds it"),
        ("TIMESTAMP(6)", "TIMESTAMP(3)", "a type that holds it"),
        ("TIMESTAMP(3)", "DATE", "a type that holds it"),
        ("TIMESTAMP_LTZ(3)", "TIMESTAMP(3)", "a type that holds it"),
        ("BOOLEAN", "STRING", "a type that holds it"),
        ("ROW<`a` INT>", "ROW<`a` INT, `b` INT>", "a type that holds it"),
        ("ROW<`a` INT, `b` INT>", "ROW<`a` INT>", "a type that holds it"),
    ],
)
def test_what_a_column_does_not_hold_is_refused_with_the_cure(written: str, column: str, cure: str) -> None:
    (found,) = compared(written, column)

    assert (str(found.written), str(found.column)) == (written, column)
    assert cure in found.cure


def test_a_column_for_which_nothing_is_selected_is_left_to_flink() -> None:
    assert misfits({"a": type_of("INT")}, {"b": type_of("INT NOT NULL")}) == []


def test_a_column_may_misfit_twice() -> None:
    found = compared("DECIMAL(38, 2)", "DECIMAL(38, 6) NOT NULL")

    assert [misfit.cure.split()[0] for misfit in found] == ["COALESCE", "CAST"]


def test_a_field_is_named_by_the_way_to_it() -> None:
    found = compared(
        "ROW<`sums` ARRAY<ROW<`currency` STRING, `amount` DECIMAL(38, 6)>>>",
        "ROW<`sums` ARRAY<ROW<`currency` STRING NOT NULL, `amount` DECIMAL(18, 6)>>>",
    )

    assert [misfit.path for misfit in found] == ["a.sums[].currency", "a.sums[].amount"]


def test_a_complaint_names_column_types_and_cure() -> None:
    (found,) = compared("DECIMAL(38, 6) NOT NULL", "DECIMAL(18, 6) NOT NULL")

    assert str(found) == (
        "column a is DECIMAL(38, 6) NOT NULL, and its schema has DECIMAL(18, 6) NOT NULL; "
        "give the schema's field 32 digits before the point and 6 after it"
    )
