"""Events as bytes."""

import json
from dataclasses import replace

import pytest
from footfall_alerting.errors import UnreadableEventError
from footfall_alerting.events import decode_event

from .examples import event


def test_an_event_survives_its_bytes() -> None:
    told = event(data={"name": "Müsli", "list": [1, None]}, warehouse=None)
    assert decode_event(told.encode()) == told
    assert decode_event(replace(told, key="\udcff").encode()).key == "\udcff"


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"id": 1},
        {"severity": "bad"},
        {"time": "yesterday"},
        {"time": "2026-03-01T12:00:00"},
        {"sequence": "1"},
        {"data": []},
        {"product": 5},
        {"unknown": 1},
    ],
)
def test_what_is_no_event_is_refused(change: dict[str, object]) -> None:
    document = json.loads(event().encode()) | change
    with pytest.raises(UnreadableEventError):
        decode_event(json.dumps(document).encode())


@pytest.mark.parametrize("value", [None, b"", b"[]", b"{}", b"5", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_event_are_refused(value: bytes | None) -> None:
    with pytest.raises(UnreadableEventError):
        decode_event(value)
