import asyncio
import os
import signal
import socket

import httpx
import pytest
from footfall_chassis import http, patience, worker
from footfall_chassis.health import Health
from footfall_chassis.worker import DependencyUnavailableError, supervise, wait_for
from starlette.applications import Starlette

WEB = Starlette(routes=Health("footfall-chassis").routes())


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
        return number


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the statuses with which the process would have been ended by force."""
    ends: list[int] = []
    monkeypatch.setattr(worker, "_end_process_after", lambda _, status: ends.append(status))
    return ends


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_health_answers_while_the_work_runs_and_sigterm_ends_it(port: int, ends: list[int]) -> None:
    cleaned = []

    async def work() -> None:
        try:
            await for_ever()
        finally:
            cleaned.append(True)

    running = asyncio.create_task(supervise(work, WEB, "127.0.0.1", port))
    await asyncio.sleep(0.2)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200

    os.kill(os.getpid(), signal.SIGTERM)

    async with asyncio.timeout(5):
        assert await running == 0
    assert cleaned == [True]
    assert ends == [0]


async def test_a_crash_ends_with_status_1(port: int, ends: list[int]) -> None:
    async def work() -> None:
        raise ZeroDivisionError

    assert await supervise(work, WEB, "127.0.0.1", port) == 1
    assert ends == [1]


async def test_work_that_just_ends_is_a_crash_too(port: int) -> None:
    async def work() -> None:
        pass

    assert await supervise(work, WEB, "127.0.0.1", port) == 1


async def test_a_taken_port_ends_with_status_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert await supervise(for_ever, WEB, "127.0.0.1", listener.getsockname()[1]) == 1


async def test_waiting_goes_on_until_it_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    answers = iter([OSError("away"), OSError("away"), "there"])

    def attempt() -> str:
        match next(answers):
            case OSError() as error:
                raise error
            case answer:
                return str(answer)

    assert await wait_for("Kafka", attempt) == "there"


async def test_waiting_has_an_end_that_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 0.01)

    def attempt() -> None:
        raise OSError("refused")

    with pytest.raises(DependencyUnavailableError, match="no Kafka at shop:9092 within 0 s: refused"):
        await wait_for("Kafka at shop:9092", attempt, patience=0.05)


async def test_answers_do_not_wait_for_acknowledgements(port: int) -> None:
    delays = []

    class Spy(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            delays.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with http._bind("127.0.0.1", port) as listener:
        async with await asyncio.get_running_loop().create_server(Spy, sock=listener):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.05)
            writer.close()

    assert delays == [1]
