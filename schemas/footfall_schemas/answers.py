"""What the schema registry's answers about a schema mean: there it is, there is none, or ask again later. Pure."""

import json
from typing import Any

from footfall_schemas.codec import PoisonMessageError
from footfall_schemas.errors import TransientError
from footfall_schemas.topics import Json

PASSING = {401, 403, 407, 408, 425, 429}
"""Answers about who asks and how often, not about the schema."""


class NoAnswerError(TransientError):
    """This is no answer of the registry's about the schema; the same question may be answered later."""


def registered(what: str, status: int, content: bytes) -> Json:
    """Return what the registry says of a schema: `schema`, and perhaps `schemaType` and `references`.

    Args:
        what: The schema, as messages name it.
        status: HTTP status of the answer.
        content: Body of the answer.

    Raises:
        PoisonMessageError: There is no such schema, and asking again does not help.
        NoAnswerError: Ask again later.
    """
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise NoAnswerError(f"{status} with what is no answer of a schema registry: {content[:80]!r}")
    if status == 200 and isinstance(answer.get("schema"), str):  # noqa: PLR2004
        return answer
    if is_final(status, answer.get("error_code")):
        says = " is not in the registry" if status == 404 else f": the registry answers {status}"  # noqa: PLR2004
        raise PoisonMessageError(what + says)
    raise NoAnswerError(f"{status} {str(answer)[:200]}")


def is_registry(status: int, content: bytes) -> bool:
    """Tell whether the answer to the question for its kinds of schemas (`/schemas/types`) is a registry's.

    Args:
        status: HTTP status of the answer.
        content: Body of the answer.

    Raises:
        NoAnswerError: It does not tell; ask again later.
    """
    if status in PASSING or status >= 500:  # noqa: PLR2004
        raise NoAnswerError(f"{status} {content[:200]!r}")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return status == 200 and isinstance(answer, list) and "AVRO" in answer  # noqa: PLR2004


def is_final(status: int, error_code: Any) -> bool:
    """Tell whether an error is the registry's own, and about what was asked."""
    return isinstance(error_code, int) and error_code > 0 and 400 <= status < 500 and status not in PASSING  # noqa: PLR2004


def avro_of(what: str, answer: Json) -> Any:
    """Return the schema that was registered.

    Raises:
        PoisonMessageError: It is of another kind, or no JSON.
    """
    if (kind := answer.get("schemaType") or "AVRO") != "AVRO":
        raise PoisonMessageError(f"{what} is of type {kind}, not AVRO")
    try:
        return json.loads(answer["schema"])
    except (ValueError, RecursionError) as error:
        raise PoisonMessageError(f"{what} is no Avro schema: {error}") from error
