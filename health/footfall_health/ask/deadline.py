"""Many questions at once, and one moment when all answers must be there."""

import atexit
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from footfall_schemas.errors import TransientError

from footfall_health.observed import Silence

Answer = TypeVar("Answer")

SHORTEST = 0.01
"""Seconds; a socket's timeout of 0 would mean something else."""

LINGER = 5.0
"""Seconds that the process waits at its end for threads that nobody listens to any more."""
_waiting: set[threading.Thread] = set()


@atexit.register
def _let_end() -> None:
    # An interpreter that ends under a thread within librdkafka crashes.
    until = time.monotonic() + LINGER
    for thread in _waiting:
        thread.join(max(until - time.monotonic(), 0))


class NoAnswerError(TransientError):
    """Somebody did not answer, or said nothing of use."""


class Deadline:
    """A moment some seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.reason = f"no answer within {seconds:g} s"
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds until then, never less than a moment."""
        return max(self._at - time.monotonic(), SHORTEST)


def together(questions: Mapping[str, Callable[[], Answer]], deadline: Deadline) -> dict[str, Answer | Silence]:
    """Ask everybody at once and return what each answered; who does not in time is silent.

    Threads that still wait are left alone: they end when their own question does, or with the process.
    """
    answers: dict[str, Answer | Silence] = {}

    def ask(name: str, question: Callable[[], Answer]) -> None:
        try:
            answers[name] = question()
        except NoAnswerError as error:
            answers[name] = Silence(str(error))
        except Exception as error:  # noqa: BLE001  whoever answers nonsense must not keep the others from being heard
            answers[name] = Silence(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=ask, args=each, daemon=True) for each in questions.items()]
    _waiting.difference_update([thread for thread in _waiting if not thread.is_alive()])
    _waiting.update(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(deadline.left())
    heard = dict(answers)
    return {name: heard.get(name, Silence(deadline.reason)) for name in questions}
