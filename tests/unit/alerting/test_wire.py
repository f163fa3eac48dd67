import asyncio

import pytest
from footfall_alerting.sending.wire import PIECE_BYTES, Wire


class Transport(asyncio.Transport):
    """Remembers whether it was asked to stop reading."""

    reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def connected() -> tuple[Wire, Transport]:
    wire, transport = Wire(), Transport()
    wire.connection_made(transport)
    return wire, transport


async def test_what_comes_is_read_in_pieces_and_then_the_end() -> None:
    wire, _ = connected()
    wire.data_received(b"x" * (PIECE_BYTES + 1))
    wire.eof_received()

    assert [len(await wire.read()) for _ in range(3)] == [PIECE_BYTES, 1, 0]


async def test_more_than_a_piece_is_not_taken_until_it_is_read() -> None:
    wire, transport = connected()

    wire.data_received(b"x" * 2 * PIECE_BYTES)
    assert not transport.reading
    await wire.read()
    assert not transport.reading
    await wire.read()
    assert transport.reading


async def test_who_waits_is_woken() -> None:
    wire, _ = connected()
    reading = asyncio.create_task(wire.read())
    await asyncio.sleep(0)
    assert not reading.done()

    wire.data_received(b"x")
    assert await reading == b"x"


async def test_what_came_before_the_connection_broke_is_read_first() -> None:
    wire, _ = connected()
    wire.data_received(b"x")
    wire.connection_lost(ConnectionResetError("reset"))

    assert await wire.read() == b"x"
    with pytest.raises(ConnectionResetError):
        await wire.read()


async def test_a_flood_lets_others_have_their_turn() -> None:
    wire, _ = connected()
    wire.data_received(b"x" * 5 * PIECE_BYTES)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    for _ in range(5):
        await wire.read()
    task.cancel()

    assert turns >= 4


@pytest.mark.parametrize("what", ["data", "end", "loss"])
async def test_a_wire_is_quiet_until_something_happens(what: str) -> None:
    wire, _ = connected()
    assert wire.is_quiet
    if what == "data":
        wire.data_received(b"x")
    elif what == "end":
        wire.eof_received()
    else:
        wire.connection_lost(None)

    assert not wire.is_quiet
