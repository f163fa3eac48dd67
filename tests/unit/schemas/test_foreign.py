"""The table of foreign inputs through Python's codec; ForeignInputsTest has the same through Flink's format."""

import httpx
import pytest
from footfall_schemas.codec import PoisonMessageError, decode, schema_id_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json, topic

from support.foreign import Case, cases
from support.foreign.answers import NOT_FOUND, answers
from support.foreign.document import PATH, text

ALL = list(enumerate(cases(), 1))


def read(case: Case, number: int) -> Json:
    known = answers(case, number)

    def answer(request: httpx.Request) -> httpx.Response:
        status, body = known.get(request.url.path, NOT_FOUND)
        return httpx.Response(status, json=body)

    registry = SchemaRegistry("http://registry", transport=httpx.MockTransport(answer))
    message = case.wire(number)
    schema = registry.schema(schema_id_of(message))
    return decode(message or b"", schema, case.reader or topic(case.topic).reader)


@pytest.mark.parametrize(("number", "case"), ALL, ids=lambda each: each.name if isinstance(each, Case) else "")
def test_a_foreign_input_is_its_value_or_its_dead_letter(number: int, case: Case) -> None:
    if case.value is not None:
        assert read(case, number) == case.value
        return
    with pytest.raises(PoisonMessageError) as caught:
        read(case, number)
    assert case.reason in str(caught.value)


def test_the_java_tests_read_the_same_table() -> None:
    assert PATH.read_text() == text(), "write it anew: PYTHONPATH=tests .venv/bin/python -m support.foreign"


def test_no_two_cases_are_called_the_same() -> None:
    names = [case.name for _, case in ALL]

    assert len(set(names)) == len(names) >= 60
