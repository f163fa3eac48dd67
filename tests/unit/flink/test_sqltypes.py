"""Flink's types are read as it prints them, and written as SQL has them."""

import pytest
from footfall_analytics.planning.sqltypes import SqlType, columns_of_text, type_of

UNLIMITED = 2**31 - 1
SCHEMA = """(
  `window_start` TIMESTAMP(3) NOT NULL *ROWTIME*,
  `a, ``b`` (c)` ARRAY<ROW<`currency` CHAR(3) NOT NULL 'ISO, 4217', `amount` DECIMAL(38, 6)> NOT NULL>,
  `topic` STRING NOT NULL METADATA FROM 'a, b' VIRTUAL,
  `twice` BIGINT AS (`once` + `once`) COMMENT 'a, (b',
  WATERMARK FOR `window_start`: TIMESTAMP(3) NOT NULL AS `window_start` - INTERVAL '5' SECOND,
  CONSTRAINT `PK` PRIMARY KEY (`topic`, `twice`) NOT ENFORCED
)"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INT", SqlType("INT")),
        ("INT NOT NULL", SqlType("INT", nullable=False)),
        ("DECIMAL(38, 6)", SqlType("DECIMAL", (38, 6))),
        ("STRING", SqlType("VARCHAR", (UNLIMITED,))),
        ("BYTES", SqlType("VARBINARY", (UNLIMITED,))),
        ("TIMESTAMP_LTZ(3) *PROCTIME* NOT NULL", SqlType("TIMESTAMP_LTZ", (3,))),
        ("TIMESTAMP(3) WITH LOCAL TIME ZONE", SqlType("TIMESTAMP WITH LOCAL TIME ZONE", (3,))),
        (
            "MAP<INT, DATE NOT NULL>",
            SqlType("MAP", parts=(("", SqlType("INT")), ("", SqlType("DATE", nullable=False)))),
        ),
        ("ROW<`a` INT, `b` ARRAY<TIME(0)>>", None),
        ("RAW('java.lang.Object', 'AEAr')", SqlType("RAW")),
    ],
)
def test_types_are_read(text: str, expected: SqlType | None) -> None:
    if expected is None:
        times = SqlType("ARRAY", parts=(("", SqlType("TIME", (0,))),))
        expected = SqlType("ROW", parts=(("a", SqlType("INT")), ("b", times)))

    assert type_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "DECIMAL(38, 6) NOT NULL",
        "STRING",
        "VARCHAR(11) NOT NULL",
        "ARRAY<ROW<`currency` STRING NOT NULL, `amount` DECIMAL(38, 6)> NOT NULL> NOT NULL",
        "TIMESTAMP(3) WITH LOCAL TIME ZONE",
        "INTERVAL DAY(2) TO SECOND(3)",
        "MAP<INT, DATE NOT NULL>",
    ],
)
def test_a_type_is_written_as_it_is_read(text: str) -> None:
    assert str(type_of(text)) == text


def test_an_unlimited_text_is_the_same_under_both_of_its_names() -> None:
    assert type_of(f"VARCHAR({UNLIMITED})") == type_of("STRING")


def test_columns_are_read_without_what_is_none() -> None:
    columns = columns_of_text(SCHEMA)

    assert {name: str(type_) for name, type_ in columns.items()} == {
        "window_start": "TIMESTAMP(3) NOT NULL",
        "a, `b` (c)": "ARRAY<ROW<`currency` CHAR(3) NOT NULL, `amount` DECIMAL(38, 6)> NOT NULL>",
        "topic": "STRING NOT NULL",
        "twice": "BIGINT",
    }


@pytest.mark.parametrize("text", ["", "12", "ROW<`a` INT", "`a` INT"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"missing|no type"):
        type_of(text)


def test_what_is_no_schema_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'\(' is missing"):
        columns_of_text("root\n |-- a: INT")
