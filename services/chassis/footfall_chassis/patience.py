"""Waiting at the start until what a program depends on answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from stamina import AsyncRetryingCaller, RetryingCaller
from stamina.instrumentation import set_on_retry_hooks

PAUSE = 1.0
"""Seconds between two attempts."""

Answer = TypeVar("Answer")

# By itself it tells of every attempt.
set_on_retry_hooks(())


def _never() -> bool:
    return False


@dataclass
class Patience:
    """Calls at even pauses until there is an answer, an error that waiting does not mend, or no time left.

    What is raised is the error of the last attempt.

    Args:
        seconds: For how long.
        mends: Tells whether the call may succeed after such an error.
        tell: Told, once, what is waited for: the first error, when the call is tried again.
        stopped: Tells whether somebody asks for the end; then nothing is tried again.
    """

    seconds: float
    mends: Callable[[Exception], bool]
    tell: Callable[[Exception], None]
    stopped: Callable[[], bool] = _never
    _errors: list[Exception] = field(default_factory=list, init=False)

    def ask(self, call: Callable[[], Answer]) -> Answer:
        """Return what the call returns at last."""
        self._errors.clear()
        caller = RetryingCaller(None, self._seconds, wait_initial=PAUSE, wait_max=PAUSE, wait_jitter=0)
        return caller(self._again, self._once, call)

    async def ask_in_thread(self, call: Callable[[], Answer]) -> Answer:
        """Return what the call, each time in a thread, returns at last."""
        self._errors.clear()
        caller = AsyncRetryingCaller(None, self._seconds, wait_initial=PAUSE, wait_max=PAUSE, wait_jitter=0)
        return await caller(self._again, asyncio.to_thread, self._once, call)

    @property
    def _seconds(self) -> float:
        # No time at all would be warned of.
        return max(self.seconds, 1e-9)

    def _again(self, error: BaseException) -> bool:
        # A cancelled task and Ctrl-C come by here, too.
        if not isinstance(error, Exception):
            return False
        self._errors.append(error)
        return self.mends(error) and not self.stopped()

    def _once(self, call: Callable[[], Answer]) -> Answer:
        if self._errors and self.stopped():
            raise self._errors.pop()
        if len(self._errors) == 1:
            self.tell(self._errors[0])
        return call()
