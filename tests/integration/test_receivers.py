"""The alerting service as a process, and every kind of receiver it may have."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from footfall_alerting.job import decode_job

from .alerting_bench import Bench, dead_letters, opened
from .workbench import Service, until
from support import answers, receivers
from support.receiver import SECRET

pytestmark = pytest.mark.stack


@pytest.fixture
def bench(backbone: Any, tmp_path: Path) -> Iterator[Bench]:
    with opened(backbone, tmp_path) as bench:
        yield bench


def test_whatever_one_receiver_answers_the_others_are_served_and_it_gets_its_webhooks_later(bench: Bench) -> None:
    names = [f"a{number}" for number in range(4)]
    with answers.Receivers() as odd:
        kinds = {kind: odd.url(kind) for kind in [*answers.KINDS, "good"]}
        nowhere = [f"http://{'a' * 63}.example/", f"https://127.0.0.1:{odd.port}/good"]
        service = bench.service(
            ALERTING_ENDPOINTS=json.dumps(
                [
                    {"id": f"e{number}", "url": url, "secret": SECRET}
                    for number, url in enumerate([*kinds.values(), *nowhere])
                ]
            ),
            ALERTING_TIMEOUT="1500ms",
            ALERTING_CONCURRENCY="2",
            ALERTING_RETRY_DELAYS="300ms",
            ALERTING_RETRY_EVERY="1s",
            ALERTING_RETRY_FOR="6s",
        )
        service.ready()

        def served(kind: str, alerts: int, times: int = 1) -> bool:
            path = odd.path(kind)
            counts = [count for (where, _), count in list(odd.attempts.items()) if where == path]
            return len(counts) >= alerts and min(counts) >= times

        for number, name in enumerate(names, start=1):
            bench.alert(name)
            until(f"{name} is delivered to another endpoint", partial(served, "good", number))
        retried = [kind for kind, each in answers.KINDS.items() if each.becomes == answers.RETRY]
        for kind in retried:
            until(f"a second attempt where there was: {kind}", partial(served, kind, len(names), 2))
        refused = sum(each.becomes == answers.REFUSED for each in answers.KINDS.values()) + len(nowhere)
        until("the hopeless are dead letters", lambda: len(dead_letters(bench)) == refused * len(names))
        for kind, each in answers.KINDS.items():
            if each.becomes == answers.DELIVERED:
                assert served(kind, len(names)), kind
        assert "cookie" not in odd.headers
        assert service.get("/health/ready").status_code == 200
        assert service.end() == 0
    assert len(retried) >= 22
    log = bench.log.read_text()
    for trouble in ("record failed twice", "record tried again", "a job was left in hand"):
        assert trouble not in log


def test_of_every_kind_of_receiver_webhooks_arrive_or_are_dead_for_the_right_reason(bench: Bench) -> None:
    names = [f"a{number}" for number in range(8)]
    with receivers.Receivers(minute=3.0) as all_kinds:
        service = bench.service(
            ALERTING_ENDPOINTS=json.dumps(all_kinds.endpoints()),
            # No time in which a busy machine keeps a whole process waiting.
            ALERTING_TIMEOUT="4s",
            ALERTING_RETRY_DELAYS="300ms,1s",
            ALERTING_RETRY_EVERY="3s",
            ALERTING_RETRY_FOR="12s",
        )
        service.ready()
        bench.alert(*names)

        ends = {receivers.id_of(kind): each.becomes for kind, each in receivers.KINDS.items()}
        dead = {endpoint for endpoint, end in ends.items() if end != receivers.DELIVERED}
        until("the hopeless are dead letters", lambda: len(dead_letters(bench)) == len(dead) * len(names))
        for kind, each in receivers.KINDS.items():
            if each.becomes == receivers.DELIVERED:
                until(f"everything is delivered: {kind}", partial(has, all_kinds.accepted[kind], len(names)))
        assert service.end() == 0

    reasons = defaultdict[str, set[str]](set)
    for letter in bench.broker.read(bench.topic("alerting-dead-letters")):
        job = decode_job(letter.value())
        reason = dict(letter.headers() or [])["error"].decode().split(":")[0]
        reasons[job.endpoint].add(reason)
        assert len(job.attempts) == job.attempted
        assert (len(job.attempts) > 1) == (reason == "exhausted")
    gone = reasons.pop("410")
    assert gone <= {"gone", "disabled"}
    assert reasons == {endpoint: {"exhausted"} for endpoint in dead - {"410"}}
    assert all_kinds.invalid() == []
    for kind, came in all_kinds.requests.items():
        assert len({each.webhook_id for each in came}) <= len(names), kind
        assert not any("cookie" in each.headers for each in came)
        if receivers.KINDS[kind].becomes == receivers.DELIVERED and not receivers.KINDS[kind].recovers:
            assert set(Counter(each.webhook_id for each in came).values()) == {1}, kind


def test_a_burst_at_a_slow_receiver_is_delivered_in_bounded_memory(bench: Bench) -> None:
    receiver = bench.receiver(delay=1.0)
    receiver.start()
    service = bench.service(receiver, ALERTING_CONCURRENCY="16", ALERTING_QUEUE_SIZE="200", ALERTING_RETRY_FOR="5s")
    service.ready()
    bench.alert("first")
    until("one is delivered", lambda: receiver.delivered)
    before = memory(service)
    names = [f"a{number}" for number in range(2000)]

    bench.alert(*names)

    until("all are delivered", lambda: len(receiver.delivered) == len(names) + 1, 600)
    assert dead_letters(bench) == []
    assert len(receiver.attempts) == len(names) + 1
    assert memory(service) - before < 60
    until("no job is left", lambda: waiting_jobs(bench) == set())


def test_a_burst_delays_no_other_endpoint(bench: Bench) -> None:
    slow, good = bench.receiver(delay=1.0), bench.receiver()
    slow.start()
    good.start()
    service = bench.service(slow, good, ALERTING_CONCURRENCY="2", ALERTING_QUEUE_SIZE="50")
    service.ready()
    names = [f"a{number}" for number in range(600)]

    bench.alert(*names)

    until("all are delivered to the other", lambda: good.delivered == set(names))
    # It would take five minutes to wait for the slow one.
    assert len(slow.delivered) < len(names) / 4
    assert service.end() == 0


def has(came: Counter[str], count: int) -> bool:
    """Tell whether so many webhooks have come."""
    return len(came) == count


def memory(service: Service) -> float:
    """Return the megabytes that a service holds."""
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    (found,) = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(found) / 1024


def waiting_jobs(bench: Bench) -> set[bytes]:
    """Return the keys of the jobs topic whose newest record is a job."""
    newest = {each.key(): each.value() for each in bench.broker.read(bench.topic("alerting-jobs"))}
    return {key for key, value in newest.items() if value is not None}
