"""Topics over HTTP: read only."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from footfall_chassis.described import problems
from footfall_chassis.problem import problem
from footfall_schemas.access_errors import AccessRefusedError
from footfall_schemas.errors import TransientError
from pydantic import BaseModel

from footfall_dashboard.topics.browser import BusyError, Topics, UnknownTopicError
from footfall_dashboard.topics.document import Messages, TopicDetail, TopicList
from footfall_dashboard.topics.paging import CursorError

MAX_MESSAGES = 100
_AWAY = (503, "Kafka does not answer, or does not let us; `detail` says what to do.")
_UNKNOWN = (404, "There is no such topic of Footfall's.")

TopicName = Annotated[
    str, Path(min_length=1, max_length=249, description="Name of the topic on the broker.", examples=["clickstream"])
]


def topics_router(topics: Topics) -> APIRouter:
    """Return the routes of topics.

    Args:
        topics: Whom they ask.
    """
    router = APIRouter(tags=["topics"])

    @router.get(
        "/v1/topics",
        response_model=TopicList,
        response_description="The topics with their offsets and lags, some seconds old at most.",
        responses=problems(_AWAY),
    )
    async def topic_list(request: Request) -> Response:
        """Return every topic of Footfall's: inputs, outputs, the services' own, and recorded results."""
        return await _answer(request, topics.list())

    @router.get(
        "/v1/topics/{name}",
        response_model=TopicDetail,
        response_description="The topic with its partitions, consumer groups and fields.",
        responses=problems(_UNKNOWN, _AWAY),
    )
    async def topic_detail(request: Request, name: TopicName) -> Response:
        """Return one topic: where its partitions begin and end, who is how far behind, and what its fields mean."""
        return await _answer(request, topics.detail(name))

    @router.get(
        "/v1/topics/{name}/messages",
        response_model=Messages,
        response_description="The messages, newest first; those that cannot be decoded with their bytes and the reason.",
        responses=problems(
            _UNKNOWN,
            (422, "A parameter is wrong, or `before` is no place in the topic."),
            (429, "Others are being served; ask again."),
            _AWAY,
        ),
    )
    async def topic_messages(
        request: Request,
        *,
        name: TopicName,
        partition: Annotated[
            int | None, Query(ge=0, le=100_000, description="Look into this partition only.", examples=[0])
        ] = None,
        key: Annotated[
            str | None,
            Query(
                max_length=1000,
                description="Return messages of this key only: the whole key, or one value of a key that is a JSON object. "
                "It is looked for among the newest 20,000 offsets; `older` goes on.",
                examples=["user-000042"],
            ),
        ] = None,
        before: Annotated[
            str | None,
            Query(
                max_length=10_000,
                description="Return older messages than these: what an earlier answer has as `older`; with `partition`, "
                "an offset will do.",
                examples=["0:29980,1:30011"],
            ),
        ] = None,
        limit: Annotated[
            int, Query(ge=1, le=MAX_MESSAGES, description="Return at most this many messages.", examples=[20])
        ] = 20,
    ) -> Response:
        """Return a topic's newest messages as readers of committed messages see them, decoded through the registry.

        Nothing is consumed: no group, no commit. Fields that hold what is personal are shown as `***` unless
        DASHBOARD_SHOW_PERSONAL is true.
        """
        found = topics.messages(name, partition=partition, key=key, before=before, limit=limit)
        return await _answer(request, found)

    return router


async def _answer(request: Request, asked: Awaitable[BaseModel]) -> Response:
    try:
        found = await asked
    except UnknownTopicError as error:
        return problem(request, HTTPStatus.NOT_FOUND, str(error))
    except CursorError as error:
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except BusyError as error:
        return problem(request, HTTPStatus.TOO_MANY_REQUESTS, str(error), {"retry-after": "1"})
    except (AccessRefusedError, TransientError) as error:
        return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error), {"retry-after": "5"})
    return Response(found.model_dump_json(), media_type="application/json", headers={"cache-control": "no-store"})
