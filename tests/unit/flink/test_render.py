"""Rows as people read them."""

import pytest
from footfall_analytics.reading.render import table_of, text_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("2026-01-05T10:15:00.000Z", "2026-01-05 10:15"),
        ("2026-01-05T10:15:30.000Z", "2026-01-05 10:15:30"),
        ("2026-01-05T10:15:30.123Z", "2026-01-05 10:15:30.123"),
        ("108.0000", "108.00"),
        ("5390.176000", "5390.176"),
        ("-27.5000000000", "-27.50"),
        ("108.1234", "108.1234"),
        ("P00007", "P00007"),
        (7, "7"),
        ([{"product_id": "P1"}, {"product_id": "P2"}], "P1, P2"),
    ],
)
def test_values_are_short_but_whole(value: object, expected: str) -> None:
    assert text_of(value) == expected


def test_a_window_is_told_by_its_start() -> None:
    rows = [{"window_start": "2026-01-05T10:15:00.000Z", "window_end": "2026-01-05T10:16:00.000Z", "visitors": 3}]

    assert [column.header for column in table_of("unique_visitors", rows).columns] == ["window_start", "visitors"]
