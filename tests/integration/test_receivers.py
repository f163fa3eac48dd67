"""The alerting service as a process, and every kind of answer that a receiver may give it."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from footfall_alerting.signing import DEVELOPMENT_SECRET

from .alerting_bench import Bench, dead_letters, opened
from .workbench import until
from support.answers import DELIVERED, KINDS, REFUSED, RETRY, Receivers
from support.receiver import SECRET

pytestmark = pytest.mark.stack


@pytest.fixture
def bench(backbone: Any, tmp_path: Path) -> Iterator[Bench]:
    with opened(backbone, tmp_path) as bench:
        yield bench


def test_whatever_one_receiver_answers_the_others_are_served_and_it_gets_its_webhooks_later(bench: Bench) -> None:
    names = [f"a{number}" for number in range(6)]
    with Receivers() as receivers:
        kinds = {kind: receivers.url(kind) for kind in [*KINDS, "good"]}
        nowhere = ["http://a..b/", f"http://{'a' * 64}.example/", f"https://127.0.0.1:{receivers.port}/good"]
        service = bench.service(
            ALERTING_ENDPOINTS=json.dumps(
                [
                    {"url": url, "secret": DEVELOPMENT_SECRET if "127" in url else SECRET}
                    for url in [*kinds.values(), *nowhere]
                ]
            ),
            ALERTING_TIMEOUT="1500ms",
            ALERTING_CONCURRENCY="2",
            ALERTING_QUEUE_TIMEOUT="100ms",
        )
        service.ready()

        def served(kind: str, alerts: int, times: int = 1) -> bool:
            path = receivers.path(kind)
            counts = [count for (where, _), count in list(receivers.attempts.items()) if where == path]
            return len(counts) >= alerts and min(counts) >= times

        for number, name in enumerate(names, start=1):
            bench.alert(name)
            until(f"{name} is delivered to another endpoint", partial(served, "good", number), 10)
        retried = [kind for kind, each in KINDS.items() if each.becomes == RETRY]
        for kind in retried:
            until(f"a second attempt where there was: {kind}", partial(served, kind, len(names), 2))
        refused = sum(each.becomes == REFUSED for each in KINDS.values()) + len(nowhere)
        until("the hopeless are dead letters", lambda: len(dead_letters(bench)) == refused * len(names))
        for kind, each in KINDS.items():
            if each.becomes == DELIVERED:
                assert served(kind, len(names)), kind
        assert "cookie" not in receivers.headers
        assert service.get("/health/ready").status_code == 200
        assert service.end() == 0
    assert len(retried) >= 22
    log = bench.log.read_text()
    assert "record failed twice" not in log
    assert "record tried again" not in log


def test_a_slow_receiver_gets_a_burst_without_losing_retries(bench: Bench) -> None:
    receiver = bench.receiver(delay=0.2)
    receiver.start()
    service = bench.service(
        receiver, ALERTING_CONCURRENCY="4", ALERTING_QUEUE_TIMEOUT="50ms", ALERTING_RETRY_DELAYS="100ms,200ms"
    )
    service.ready()
    names = [f"a{number}" for number in range(150)]

    bench.alert(*names)

    until("all are delivered", lambda: receiver.delivered == set(names))
    assert dead_letters(bench) == []
    assert len(receiver.attempts) == len(names)


def test_a_burst_without_retry_topics_waits_for_its_turn(bench: Bench) -> None:
    receiver = bench.receiver(delay=0.1)
    receiver.start()
    service = bench.service(receiver, ALERTING_CONCURRENCY="4", ALERTING_QUEUE_TIMEOUT="1ms", ALERTING_RETRY_DELAYS="")
    service.ready()
    names = [f"a{number}" for number in range(60)]

    bench.alert(*names)

    until("all are delivered", lambda: receiver.delivered == set(names))
    assert dead_letters(bench) == []
