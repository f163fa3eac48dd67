import csv
import io
import re
from itertools import accumulate

import pytest
from footfall_generator.replay.formats.csv_rows import MOST_LINES, BrokenRowError, read_rows
from hypothesis import given, settings
from hypothesis import strategies as st

FIELD = st.text(alphabet='ab1, "\n\ré', max_size=6)


def _lines(text: str) -> list[str]:
    return re.findall("[^\n]*\n|[^\n]+", text)


def _read(text: str) -> list[tuple[int, list[str] | str]]:
    return [
        (number, str(row) if isinstance(row, BrokenRowError) else row) for number, row in read_rows(_lines(text), 1)
    ]


@settings(max_examples=200)
@given(st.lists(st.lists(FIELD, min_size=2, max_size=4), max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[list[str]], end: str, everything: bool) -> None:  # noqa: FBT001
    out = io.StringIO()
    if everything:
        csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    else:
        csv.writer(out, lineterminator=end, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)

    read = _read(out.getvalue())

    assert [row for _, row in read] == rows
    taken = (1 + sum(field.count("\n") for field in row) for row in rows)
    assert [number for number, _ in read] == list(accumulate(taken, initial=1))[:-1]


def test_a_blank_line_has_no_fields() -> None:
    assert _read("a,b\n\n  \r\n,\n") == [(1, ["a", "b"]), (2, []), (3, []), (4, ["", ""])]


def test_a_quote_within_a_bare_field_is_part_of_it() -> None:
    assert _read('5" nail,b\nc,d\n') == [(1, ['5" nail', "b"]), (2, ["c", "d"])]


@pytest.mark.parametrize(
    "broken", ['a,"b', 'a,"b"c,d', ['"a,b', '"c",d', ""][0]], ids=["left open", "goes on", "left open at once"]
)
def test_quotes_that_do_not_match_cost_their_own_line_only(broken: str) -> None:
    read = _read(f'x,y\n{broken}\n"e",f\ng,h\n')

    assert [number for number, _ in read] == [1, 2, 3, 4]
    assert read[0] == (1, ["x", "y"])
    assert isinstance(read[1][1], str)
    assert read[1][1].startswith("its quotes do not match")
    assert read[2:] == [(3, ["e", "f"]), (4, ["g", "h"])]


def test_a_quote_left_open_looks_at_a_bounded_number_of_lines() -> None:
    asked = 0

    def lines() -> "iter[str]":  # type: ignore[valid-type]
        nonlocal asked
        yield '"open,b\n'
        for number in range(10 * MOST_LINES):
            asked = number
            yield f"{number},b\n"

    first = next(iter(read_rows(lines(), 1)))

    assert isinstance(first[1], BrokenRowError)
    assert asked < MOST_LINES
