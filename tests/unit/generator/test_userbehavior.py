import gzip
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from footfall_generator.replay.formats import userbehavior
from footfall_generator.replay.formats.set_apart import SetApart
from footfall_generator.replay.formats.userbehavior import BEHAVIORS, Behaviors, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = "1,2268318,2520377,pv,1511544070"


def _read(path: Path, content: bytes) -> tuple[list[tuple[int, ...]], list[SetApart]]:
    path.write_bytes(content)
    blocks = list(read(path, NOW))
    rows = Behaviors.concat([rows for rows, _ in blocks])
    columns = (rows.line, rows.user, rows.item, rows.category, rows.behavior, rows.time)
    return (
        list(zip(*(column.tolist() for column in columns), strict=True)),
        [line for _, bad in blocks for line in bad],
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "behavior.csv"


def test_each_column_is_read(path: Path) -> None:
    lines = [f"1,22,333,{behavior},151154407{number}" for number, behavior in enumerate(BEHAVIORS)]

    rows, bad = _read(path, "\n".join([*lines, ""]).encode())

    assert rows == [(number + 1, 1, 22, 333, number, 1511544070 + number) for number in range(4)]
    assert bad == []


@pytest.mark.parametrize(
    "content",
    [
        '"1","2268318","2520377","pv","1511544070"\n' * 2,
        '1,2268318,2520377,"pv",1511544070\r\n' * 2,
        '"1",2268318,2520377,pv,"1511544070"\n' + GOOD,
        f"{GOOD}\n{GOOD}",
        f"{GOOD}\r\n{GOOD}\r\n",
        f"\ufeff{GOOD}\n{GOOD}\n",
        f"{GOOD}\r\n{GOOD}\n",
    ],
    ids=[
        "quotes",
        "some quotes",
        "quotes now and then",
        "no newline at the end",
        "windows line ends",
        "byte order mark",
        "mixed line ends",
    ],
)
def test_harmless_variations_are_understood(path: Path, content: str) -> None:
    rows, bad = _read(path, content.encode())

    assert rows == [(number, 1, 2268318, 2520377, 0, 1511544070) for number in (1, 2)]
    assert bad == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "blank line"),
        (b"   ", "blank line"),
        (b"1,2,3,pv", "4 columns instead of 5"),
        (b"1,2,3,pv,1511544070,9", "6 columns instead of 5"),
        (b"user_id,item_id,category_id,behavior,timestamp", "user_id 'user_id' is not a whole number"),
        (b"1,,3,pv,1511544070", "item_id '' is not a whole number"),
        (b"1,2,3.5,pv,1511544070", "category_id '3.5' is not a whole number"),
        (b" 1,2,3,pv,1511544070", "user_id ' 1' is not a whole number"),
        (b"1,2,3,click,1511544070", "behavior 'click' is none of pv, cart, fav, buy"),
        (b"1,2,3,PV,1511544070", "behavior 'PV' is none of pv, cart, fav, buy"),
        (b"1,2,3,pv,now", "timestamp 'now' is not a whole number"),
        (b"1,2,3,pv,-1", "timestamp '-1' is out of range"),
        (b"1,2,3,pv,0", "timestamp '0' is out of range"),
        (b"1,2,3,pv,1767225601000", "timestamp '1767225601000' is out of range"),
        (b"1,2,3,pv,99999999999999999999", "timestamp '99999999999999999999' is out of range"),
        (b"-7,2,3,pv,1511544070", "user_id '-7' is out of range"),
        (b"1,2,3,\xff\xfe,1511544070", r"behavior '\\xff\\xfe' is none of pv, cart, fav, buy"),
        (b'"1"2,2,3,pv,1511544070', "its quotes do not match: ',' expected after '\"'"),
        (b'1,2,3,"pv,1511544070', "its quotes do not match: unexpected end of data"),
        (b'1"",2,3,pv,1511544070', "user_id '1\"\"' is not a whole number"),
        (b'"1,2",3,pv,1511544070', "4 columns instead of 5"),
        (b'"1,2",2,3,pv,1511544070', "user_id '1,2' is not a whole number"),
        (b'1,2,3,"p""v",1511544070', "behavior 'p\"v' is none of pv, cart, fav, buy"),
        (b"1,2,3,pv,15115\x0044070", r"timestamp '15115\x0044070' is not a whole number"),
        (b"1,2,3,pv,1511544070\r1,2,3,pv,1511544070", "9 columns instead of 5"),
    ],
)
def test_a_malformed_line_is_left_out_and_named(path: Path, line: bytes, reason: str) -> None:
    rows, bad = _read(path, b"%s\n%s\n%s\n" % (GOOD.encode(), line, GOOD.encode()))

    assert [row[0] for row in rows] == [1, 3]
    assert [(each.number, each.detail) for each in bad] == [(2, reason)]


FIELD = st.sampled_from(
    [
        '"1"',
        '"1"2',
        '""',
        '"1,2"',
        '"1""2"',
        '1"',
        "1",
        "007",
        "+5",
        "-3",
        " 4",
        "",
        "x",
        "9223372036854775807",
        "99999999999999999999",
        "12",
    ]
)
LINE = st.one_of(
    st.just(GOOD),
    st.tuples(
        FIELD, FIELD, FIELD, st.sampled_from([*BEHAVIORS, "xx", ""]), st.sampled_from(["1511544070", "-1", "07"])
    ).map(",".join),
    st.text(alphabet='1,pv\r" \x00é', max_size=20),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINE, min_size=1, max_size=8), st.booleans())
def test_reading_at_once_and_line_by_line_agree(path: Path, lines: list[str], ends: bool) -> None:  # noqa: FBT001
    content = ("\n".join(lines) + "\n" * ends).encode()
    at_once = _read(path, content)

    with patch.object(userbehavior, "_read_block", lambda *_: None):
        line_by_line = _read(path, content)

    assert at_once == line_by_line


def test_a_line_end_within_quotes_is_part_of_its_row_wherever_a_block_ends(path: Path) -> None:
    row = '1,2,3,"p\nv",1511544070\n'

    for size in range(1, 2 * len(row)):
        with patch.object(userbehavior, "BLOCK", size):
            rows, bad = _read(path, f"{GOOD}\n{row}{GOOD}\n{row}{GOOD}\n".encode())

        assert [each[0] for each in rows] == [1, 4, 7]
        assert [(line.number, line.reason) for line in bad] == [(2, "unknown behavior"), (5, "unknown behavior")]


def test_a_quote_left_open_costs_its_own_line_only(path: Path) -> None:
    lines = [GOOD] * 500
    lines[250] = '1,2,3,"pv,1511544070'

    for size in (100, 10_000, 1 << 20):
        with patch.object(userbehavior, "BLOCK", size):
            rows, bad = _read(path, "\n".join(lines).encode())

        assert len(rows) == 499
        assert [(line.number, line.reason) for line in bad] == [(251, "quotes that do not match")]


def test_what_gzip_has_packed_is_read_as_if_it_had_not(path: Path) -> None:
    content = f"\ufeff{GOOD}\n{GOOD}\n".encode()

    assert _read(path, gzip.compress(content)) == _read(path, content)


@pytest.mark.parametrize("kept", [3, 20, -9, -1])
def test_what_gzip_has_packed_and_somebody_has_cut_off_is_an_error(path: Path, kept: int) -> None:
    with pytest.raises(OSError, match="what gzip has packed is damaged or cut off") as error:
        _read(path, gzip.compress(f"{GOOD}\n".encode() * 1000)[:kept])

    assert error.value.filename == str(path)


def test_a_line_without_end_is_an_error(path: Path) -> None:
    with pytest.raises(OSError, match="a line is longer than 1,048,576 bytes"):
        _read(path, b"1" * (4 << 20))


def test_blocks_end_at_line_ends_and_count_lines_on(path: Path) -> None:
    lines = [f"{number},2,3,pv,1511544070" for number in range(1, 201)]
    lines[99] = "nonsense"

    with patch.object(userbehavior, "BLOCK", 100):
        rows, bad = _read(path, "\n".join(lines).encode())

    assert [row[:2] for row in rows] == [(number, number) for number in range(1, 201) if number != 100]
    assert [line.number for line in bad] == [100]


def test_well_formed_blocks_are_read_at_once(path: Path) -> None:
    with patch.object(userbehavior, "_read_lines", side_effect=AssertionError("read line by line")):
        for line in (GOOD, '"1","2","3","pv","1511544070"', '1,2,3,"pv",1511544070'):
            rows, _ = _read(path, f"{line}\r\n".encode() * 10)
            assert len(rows) == 10
