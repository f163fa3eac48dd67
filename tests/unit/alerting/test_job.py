"""Jobs and messages as bytes, and what an attempt adds to a job."""

import json
from dataclasses import replace

import pytest
from footfall_alerting.errors import UnreadableJobError
from footfall_alerting.job import ATTEMPTS_KEPT, Job, Message, decode_job, decode_message, webhook_id_of
from footfall_alerting.policy import Outcome, Result

JOB = Job("msg_1", "shop", "alert-1", "inventory.low", "P1", 7, 1_700_000_000.5, '{"type":"inventory.low"}')
FAILED = Outcome(Result.FAILED, 503, "HTTP 503", answer="down", seconds=0.25)


def test_a_job_survives_its_bytes() -> None:
    job = JOB.tried(12.5, FAILED).due(99)
    assert decode_job(job.encode()) == job


def test_a_message_survives_its_bytes() -> None:
    message = Message(JOB.tried(12.5, FAILED), "dead", 13.0, "exhausted")
    assert decode_message(message.encode()) == message


def test_text_that_is_no_unicode_is_written_all_the_same() -> None:
    job = JOB.tried(1, replace(FAILED, answer="\udcff"))
    assert decode_job(job.encode()).attempts[0].answer == "\udcff"


def test_attempts_are_counted_and_the_newest_are_kept() -> None:
    job = JOB
    for at in range(1, 50):
        job = job.tried(at, FAILED)
    assert job.attempted == 49
    assert job.begun == 1
    assert [attempt.at for attempt in job.attempts] == list(range(50 - ATTEMPTS_KEPT, 50))


def test_a_success_is_no_failed_attempt() -> None:
    job = JOB.tried(1, FAILED).tried(2, Outcome(Result.DELIVERED, 200, "HTTP 200"))
    assert job.attempted == 1
    assert [attempt.result for attempt in job.attempts] == ["failed", "delivered"]


def test_a_resend_runs_through_the_whole_schedule_and_keeps_what_was() -> None:
    job = JOB.tried(1, FAILED).again("resend", 500)
    assert (job.trigger, job.begun, job.attempted, job.not_before) == ("resend", 0, 0, 500)
    assert len(job.attempts) == 1


def test_webhook_ids_are_the_same_for_ever_and_apart() -> None:
    assert webhook_id_of("shop", "a") == webhook_id_of("shop", "a")
    assert len({webhook_id_of(endpoint, event) for endpoint in ("a", "b", "ab") for event in ("b", "c", "bc")}) == 9
    assert webhook_id_of("default", "alert-1") == "msg_addaaa191945e7a1e295a2eabb8faf85"


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"webhook_id": None},
        {"trigger": "whim"},
        {"sequence": "1"},
        {"event_time": 1e300},
        {"attempts": [{"at": 1}]},
        {"attempts": 5},
        {"unknown": 1},
    ],
)
def test_what_is_no_job_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UnreadableJobError):
        decode_job(json.dumps(JOB.document() | change).encode())


@pytest.mark.parametrize("value", [None, b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_job_are_refused(value: bytes | None) -> None:
    with pytest.raises(UnreadableJobError):
        decode_job(value)


@pytest.mark.parametrize("change", [{"status": "lost"}, {"updated": None}, {"reason": 5}])
def test_what_is_no_message_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UnreadableJobError):
        decode_message(json.dumps(Message(JOB, "dead", 1.0).document() | change).encode())
