"""What questions need of others, and what becomes of their errors."""

from collections.abc import Awaitable, Iterable, Mapping
from http import HTTPStatus
from typing import Protocol

from fastapi import Request
from fastapi.responses import Response
from footfall_chassis.described import problems
from footfall_chassis.problem import problem
from footfall_schemas.access_errors import AccessRefusedError
from footfall_schemas.errors import TransientError
from pydantic import BaseModel

from footfall_alerting.errors import BusyError
from footfall_alerting.events import Event
from footfall_alerting.history.history import Recovered
from footfall_alerting.history.search import Found, Page, Query
from footfall_alerting.job import Job
from footfall_alerting.standing.state import Standing

AWAY = (503, "Kafka does not answer, or does not let us, or the service has just started; `detail` says what to do.")
BUSY = (429, "Another question is being answered; ask again.")
UNKNOWN_ENDPOINT = (404, "No endpoint is configured under this id.")
IS_DISABLED = (409, "The endpoint is disabled: enable it first.")
EVERYWHERE = problems(
    (401, "Show the token of ALERTING_TOKEN."),
    (403, "Pages in browsers may not ask."),
    (413, "The body is too large."),
    (500, "A bug; the service's log has the details."),
)


class Historian(Protocol):
    """What became of webhooks."""

    async def newest(self, query: Query, limit: int) -> Page:
        """Return messages, the one that changed last first."""

    async def find(self, webhook_id: str) -> Found | None:
        """Return the newest message of one webhook; None: nothing is kept of it."""

    async def send(self, jobs: Iterable[tuple[int, Job]]) -> None:
        """Hand jobs, each with its partition, to the workers that own them."""

    async def recover(self, endpoint: str, since: float, until: float | None = None) -> Recovered:
        """Send again what was given up in that time, epoch seconds, and is still dead."""

    async def partitions(self) -> int:
        """Return how many partitions jobs have."""


class StandingBook(Protocol):
    """How endpoints stand."""

    @property
    def endpoints(self) -> Mapping[str, Standing]:
        """The standing of every configured endpoint."""

    async def enable(self, endpoint: str) -> Standing:
        """Let an endpoint get webhooks again; return when that is durable."""


class Tell(Protocol):
    """Appends an event of alerting's own durably."""

    def __call__(self, event: Event) -> Awaitable[None]:
        """Append one."""


class Refusal(Exception):  # noqa: N818  no error of ours: an answer
    """A request that is refused.

    Args:
        status: HTTP status.
        detail: Why, and what to do.
    """

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


async def answer(request: Request, asked: Awaitable[BaseModel], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Return the answer of a question, or the problem that its error is."""
    try:
        found = await asked
    except Refusal as refused:
        return problem(request, refused.status, str(refused))
    except BusyError as error:
        return problem(request, HTTPStatus.TOO_MANY_REQUESTS, str(error), {"retry-after": "1"})
    except (AccessRefusedError, TransientError) as error:
        return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"retry-after": "5"})
    return Response(
        found.model_dump_json(), status, media_type="application/json", headers={"cache-control": "no-store"}
    )
