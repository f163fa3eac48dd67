"""The life of a service process: answer health checks at once, wait for what it needs, work, stop or crash."""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog
from footfall_schemas.access_errors import AccessRefusedError
from footfall_schemas.errors import TransientError
from starlette.types import ASGIApp

from footfall_chassis.http import PortUnavailableError, serving
from footfall_chassis.patience import Patience

STOP_WITHIN = 5.0
"""Seconds between SIGTERM and the end of the process, whatever still hangs."""
PATIENCE = 120.0
"""Seconds a service waits at start for what it depends on; a cold start of the whole stack takes half of that."""

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class DependencyUnavailableError(TransientError):
    """What the service needs at start did not answer in time."""


def run(work: Callable[[], Coroutine[Any, Any, None]], web: ASGIApp, host: str, port: int) -> int:
    """Run until SIGTERM or SIGINT (status 0) or until the work ends, which is a crash (status 1)."""
    return asyncio.run(supervise(work, web, host, port))


async def supervise(work: Callable[[], Coroutine[Any, Any, None]], web: ASGIApp, host: str, port: int) -> int:
    """Do what `run` does inside a running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with serving(web, host, port):
            return await _until(stop, asyncio.create_task(work()))
    except PortUnavailableError as error:
        log.error(str(error))  # noqa: TRY400  the line says it all
        return 1


async def wait_for(what: str, attempt: Callable[[], Result], patience: float = PATIENCE) -> Result:
    """Call `attempt` in a thread until it succeeds.

    Raises:
        AccessRefusedError: It refuses us, which waiting does not mend.
        DependencyUnavailableError: It still fails after `patience` seconds.
    """
    waiting = Patience(
        patience,
        mends=lambda error: not isinstance(error, AccessRefusedError),
        tell=lambda error: log.warning("waiting", what=what, error=str(error)),
    )
    try:
        return await waiting.ask_in_thread(attempt)
    except AccessRefusedError:
        raise
    except Exception as error:
        raise DependencyUnavailableError(f"no {what} within {patience:.0f} s: {error}") from error


async def _until(stop: asyncio.Event, work: asyncio.Task[None]) -> int:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    crashed = work.done()
    stopping.cancel()
    _end_process_after(STOP_WITHIN, 1 if crashed else 0)
    if crashed and isinstance(refused := work.exception(), AccessRefusedError):
        log.error("refused", reason=str(refused))
        return 1
    if crashed:
        log.error("crashed", reason=repr(work.exception()), exc_info=work.exception())
        return 1
    log.info("stopping")
    work.cancel()
    await _ended(work)
    log.info("stopped")
    return 0


async def _ended(work: Awaitable[None]) -> None:
    try:
        await work
    except asyncio.CancelledError:
        pass
    except Exception as error:  # noqa: BLE001  we are stopping anyway
        log.warning("stopped with an error", error=repr(error))


def _end_process_after(seconds: float, status: int) -> None:
    # Threads of the Kafka clients may hang on a dead broker; nothing durable depends on their farewell.
    timer = threading.Timer(seconds, os._exit, (status,))
    timer.daemon = True
    timer.start()
