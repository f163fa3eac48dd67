"""What pages are sent: each change once as bytes, to whoever has not seen it."""

import asyncio
import json
from typing import Any

import pytest
from footfall_dashboard.live.board import Board


def events(frames: bytes) -> list[tuple[int, str, Any]]:
    """Return number, name and data of server-sent events."""
    found = []
    for frame in filter(None, frames.decode().split("\r\n\r\n")):
        fields = dict(line.split(": ", 1) for line in frame.split("\r\n"))
        found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def put(board: Board, name: str, **content: Any) -> None:
    board.put(name, "panel", lambda number: {"id": name, "version": number} | content)


@pytest.fixture
def board() -> Board:
    return Board(lambda: 5.0)


def test_numbers_begin_with_the_clock_and_only_grow(board: Board) -> None:
    for name in "aba":
        put(board, name)

    assert [number for number, _, _ in events(board.since(0))] == [5001, 5002]
    assert board.last == 5002
    later = Board(lambda: 6.0)
    put(later, "a")
    assert later.last > board.last, "whoever comes back after a restart gets everything"


def test_whoever_comes_gets_the_newest_of_everything_and_then_what_is_new(board: Board) -> None:
    put(board, "a", rows=[1])
    put(board, "b", rows=["x\ny"])
    put(board, "a", rows=[2])

    assert events(board.since(0)) == [
        (5001, "panel", {"id": "b", "version": 5001, "rows": ["x\ny"]}),
        (5002, "panel", {"id": "a", "version": 5002, "rows": [2]}),
    ]
    assert [each[2]["id"] for each in events(board.since(5001))] == ["a"]
    assert board.since(5002) == b""


def test_a_number_that_was_never_given_out_is_none(board: Board) -> None:
    put(board, "a")

    assert len(events(board.since(99999))) == 1


def test_all_get_the_same_bytes(board: Board) -> None:
    put(board, "a")

    assert board.since(0) is board.since(0)


async def test_a_slow_reader_gets_the_newest_and_not_what_it_missed(board: Board) -> None:
    put(board, "a", rows=[0])
    seen = board.last
    waiting = asyncio.create_task(board.newer(seen))
    await asyncio.sleep(0)
    assert not waiting.done()

    for number in range(1, 4):
        put(board, "a", rows=[number])

    assert [each[2]["rows"] for each in events(await waiting)] == [[3]]


async def test_everybody_is_woken(board: Board) -> None:
    put(board, "a")
    waiting = [asyncio.create_task(board.newer(board.last)) for _ in range(3)]
    await asyncio.sleep(0)
    put(board, "b")

    assert len(set(await asyncio.gather(*waiting))) == 1
