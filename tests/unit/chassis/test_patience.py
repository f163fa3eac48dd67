"""Whoever waits for an answer waits evenly, says so once, and not longer than he may."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from footfall_chassis import patience
from footfall_chassis.patience import Patience


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 0.01)


def answers(*each: Exception | str) -> Callable[[], str]:
    left = iter(each)

    def call() -> str:
        match next(left):
            case Exception() as error:
                raise error
            case answer:
                return answer

    return call


def waiting(told: list[str], *, seconds: float = 60, stopped: Callable[[], bool] = lambda: False) -> Patience:
    return Patience(
        seconds,
        mends=lambda error: isinstance(error, OSError),
        tell=lambda error: told.append(str(error)),
        stopped=stopped,
    )


def test_it_asks_until_there_is_an_answer_and_tells_the_first_error_once() -> None:
    told: list[str] = []

    assert waiting(told).ask(answers(OSError("away"), OSError("still"), OSError("still"), "here")) == "here"
    assert told == ["away"]


async def test_it_asks_in_threads_too() -> None:
    told: list[str] = []
    call, threads = answers(OSError("away"), OSError("still"), "here"), set()

    def noted() -> str:
        threads.add(threading.current_thread())
        return call()

    assert await waiting(told).ask_in_thread(noted) == "here"
    assert told == ["away"]
    assert threading.main_thread() not in threads


def test_an_answer_at_once_is_not_waited_for() -> None:
    told: list[str] = []

    assert waiting(told).ask(answers("here")) == "here"
    assert told == []


def test_what_waiting_does_not_mend_is_raised_at_once() -> None:
    told: list[str] = []

    with pytest.raises(ValueError, match="refused"):
        waiting(told).ask(answers(ValueError("refused"), "here"))
    assert told == []


def test_the_error_of_the_last_attempt_is_raised_when_the_time_is_up() -> None:
    told: list[str] = []

    with pytest.raises(OSError, match="away"):
        waiting(told, seconds=0).ask(answers(OSError("away"), "here"))
    assert told == []


def test_nothing_is_tried_again_after_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 0.1)
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()

    with pytest.raises(OSError, match="away"):
        waiting([], stopped=stop.is_set).ask(answers(OSError("away"), "here"))


async def test_a_wait_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 30)
    everything = Patience(60, mends=lambda _: True, tell=lambda _: None)
    wait = asyncio.create_task(everything.ask_in_thread(answers(OSError("away"), "here")))
    await asyncio.sleep(0.2)

    wait.cancel()

    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(10):
            await wait


async def test_a_call_can_be_cancelled() -> None:
    begun, end = threading.Event(), threading.Event()
    everything = Patience(60, mends=lambda _: True, tell=lambda _: None)

    def call() -> None:
        begun.set()
        end.wait(10)

    wait = asyncio.create_task(everything.ask_in_thread(call))
    await asyncio.to_thread(begun.wait)
    wait.cancel()

    try:
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await wait
    finally:
        end.set()


def test_each_call_has_the_whole_time_and_tells_anew() -> None:
    told: list[str] = []
    one = waiting(told)

    one.ask(answers(OSError("Kafka"), "here"))
    one.ask(answers(OSError("registry"), "here"))

    assert told == ["Kafka", "registry"]
