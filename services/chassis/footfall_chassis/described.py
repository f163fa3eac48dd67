"""Parts of the OpenAPI document that several routes share."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema


def iso(time: datetime) -> str:
    """Return a time as every answer has it: UTC, with milliseconds and `Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A time with milliseconds always: pydantic's own text leaves out those that are 0."""


def moment(seconds: float) -> datetime:
    """Return the time of so many epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)


class Described(BaseModel):
    """A part of the OpenAPI document: what stands below a field is its description."""

    model_config = ConfigDict(
        use_attribute_docstrings=True, from_attributes=True, json_schema_serialization_defaults_required=True
    )


class WrongParameter(Described):
    """A parameter that cannot be taken as it is."""

    parameter: str = Field(examples=["from"])
    """Name of the parameter."""
    detail: str = Field(examples=["Input should be a valid datetime"])
    """What is wrong with its value."""


class Problem(Described):
    """An error (RFC 9457)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    type: str = Field(examples=["about:blank"])
    """URI of the kind of problem; `about:blank` says no more than `status` does."""
    title: str = Field(examples=["Not Found"])
    """What the HTTP status means."""
    status: int = Field(examples=[404])
    """HTTP status of the answer."""
    detail: str = Field(examples=["there is no topic 'clicks'; GET /v1/topics lists those that are"])
    """What is wrong, and what to do."""
    instance: str = Field(examples=["/v1/topics/clicks"])
    """Path of the request."""
    errors: list[WrongParameter] = Field(default_factory=list)
    """The parameters that are wrong; with status 422 only."""


def problems(*statuses: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """Return a route's error answers for its OpenAPI description.

    Args:
        statuses: Each HTTP status with what it means here.
    """
    return {
        status: {"model": Problem, "description": meaning, "content": {"application/problem+json": {}}}
        for status, meaning in statuses
    }
