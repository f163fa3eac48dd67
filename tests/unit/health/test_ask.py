"""The edge: recorded answers of Flink, a server that is slow, one that is away."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from footfall_health.ask import flink
from footfall_health.ask.accounts import accounts_of
from footfall_health.ask.deadline import Deadline, together
from footfall_health.ask.look import look
from footfall_health.ask.servers import ask_service
from footfall_health.observed import Accounts, Failure, Service, Silence, Source, Totals

from support.health import WATCHED

SOURCE = "0.Source__KafkaSource-default_catalog_default_database_shop_events"
METRICS = {
    f"{SOURCE}.currentOutputWatermark": "1795755709096",
    f"{SOURCE}.watermarks.slowestPartition": "refunds-0",
    f"{SOURCE}.watermarks.slowestWatermark": "1795755709096",
    f"{SOURCE}.watermarks.partitionsHolding": "0",
    f"{SOURCE}.watermarks.partitionsQuiet": "3",
    f"{SOURCE}.watermarks.partitionsBehindOpenTransactions": "1",
    f"{SOURCE}.watermarks.toldAt": "1795755710000",
    f"{SOURCE}.deserializer.schemaIdAwaited": "12",
    f"{SOURCE}.deserializer.schemaIdAwaitedSince": "1795755700000",
}
TRACE = """org.apache.flink.runtime.JobException: Recovery is suppressed
\tat org.apache.flink.Foo.bar(Foo.java:1)
Caused by: org.apache.flink.util.FlinkException: outer
Caused by: java.lang.IllegalStateException: boom
\tat io.footfall.Baz
"""
ANSWERS: dict[str, Any] = {
    "/overview": {"taskmanagers": 1},
    "/jobs/overview": {
        "jobs": [
            {
                "jid": jid,
                "name": "footfall",
                "state": state,
                "start-time": start,
                "end-time": end,
                "tasks": {"running": 2, "total": 2},
            }
            for jid, state, start, end in (("new", "RUNNING", 9000, -1), ("old", "FAILED", 1000, 8000))
        ]
    },
    "/jobs/new/checkpoints": {
        "latest": {
            "completed": {"latest_ack_timestamp": 12_000},
            "failed": {"failure_timestamp": 13_000, "failure_message": "java.io.IOException: disk"},
            "restored": None,
        }
    },
    "/jobs/new/exceptions": {"exceptionHistory": {"entries": [{"timestamp": 10_000, "stacktrace": TRACE}]}},
    "/jobs/old/exceptions": {"exceptionHistory": {"entries": [{"timestamp": 8_000, "stacktrace": "Lost"}]}},
    "/jobs/new": {
        "vertices": [
            {"id": "v", "name": "Source: KafkaSource-default_catalog.default_database.shop_events -> Calc[1]"},
            {"id": "w", "name": "Calc[2] -> (sessions_sink[7]: Writer -> sessions_sink[7]: Committer, Calc[3])"},
        ]
    },
    "/jobs/new/vertices/v/metrics": [{"id": name} for name in (*METRICS, "0.Calc[1].numRecordsIn")],
}


@contextmanager
def serving(answers: dict[str, Any], pause: float = 0.0) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(pause)
            path, _, query = self.path.partition("?")
            answer = [{"id": name, "value": METRICS[name]} for name in METRICS] if query else answers.get(path)
            status, body = answer if isinstance(answer, tuple) else (200 if answer is not None else 404, answer)
            text = body if isinstance(body, str) else json.dumps(body)
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_what_flink_says_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_795_755_715.0)
    with serving(ANSWERS) as url:
        cluster = flink.ask(replace(WATCHED, flink=url), Deadline(5))

    (job,) = cluster.jobs
    assert (cluster.taskmanagers, job.state, job.started, job.running) == (1, "RUNNING", 9.0, 2)
    assert job.failures == (Failure(10.0, "IllegalStateException: boom"), Failure(8.0, "Lost"))
    assert job.completed == 12.0
    assert (job.id, job.reads, job.writes) == ("new", frozenset({"shop_events"}), frozenset({"sessions"}))
    assert job.failed_checkpoint == Failure(13.0, "IOException: disk")
    assert job.sources == (
        Source("shop_events", 1_795_755_709.096, "refunds-0", 0, 3, 1, {12: 1_795_755_700.0}, 1_795_755_710.0),
    )


def test_every_source_is_heard_that_of_versions_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_795_755_715.0)
    products = {"id": "p", "name": "Source: KafkaSource-default_catalog.default_database.products -> Calc[3]"}
    answers = ANSWERS | {
        "/jobs/new": {"vertices": [*ANSWERS["/jobs/new"]["vertices"], products]},
        "/jobs/new/vertices/p/metrics": ANSWERS["/jobs/new/vertices/v/metrics"],
    }
    with serving(answers) as url:
        (job,) = flink.ask(replace(WATCHED, flink=url), Deadline(5)).jobs

    assert [(source.table, dict(source.awaited)) for source in job.sources] == [
        ("shop_events", {12: 1_795_755_700.0}),
        ("products", {12: 1_795_755_700.0}),
    ]


def test_a_source_that_never_says_how_far_it_has_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_795_755_715.0)
    silent = {"id": "d", "name": "Source: KafkaSource-default_catalog.default_database.dimension_messages -> Calc[3]"}
    answers = ANSWERS | {
        "/jobs/new": {"vertices": [*ANSWERS["/jobs/new"]["vertices"], silent]},
        "/jobs/new/vertices/d/metrics": [],
    }
    began = time.monotonic()
    with serving(answers) as url:
        (job,) = flink.ask(replace(WATCHED, flink=url), Deadline(5)).jobs

    assert [source.table for source in job.sources] == ["shop_events"]
    assert time.monotonic() - began < 2


def test_what_flink_has_fetched_long_ago_is_not_told() -> None:
    """The JobManager answers with the metrics that it has, and fetches new ones meanwhile."""
    with serving(ANSWERS) as url:
        cluster = flink.ask(replace(WATCHED, flink=url), Deadline(1))

    assert (cluster.jobs[0].reads, cluster.jobs[0].sources) == (frozenset({"shop_events"}), ())


def test_the_slowest_of_several_readers_counts() -> None:
    other = {name.replace("0.", "1.", 1): value for name, value in METRICS.items()} | {
        "1.Source__KafkaSource-default_catalog_default_database_shop_events.currentOutputWatermark": "-9223372036854775808",
        "1.Source__KafkaSource-default_catalog_default_database_shop_events.watermarks.slowestPartition": "clickstream-1",
        "1.Source__KafkaSource-default_catalog_default_database_shop_events.watermarks.slowestWatermark": "1",
    }

    source = flink.source_of("shop_events", METRICS | other)

    assert (source.watermark, source.slowest, source.quiet) == (None, "clickstream-1", 6)


def test_who_does_not_answer_in_time_is_silent_and_the_others_are_heard() -> None:
    with serving({"/subjects": ["a"]}, pause=3) as slow:
        watched = replace(WATCHED, flink="http://127.0.0.1:1", registry=slow, kafka={}, jobs={})
        began = time.monotonic()
        seen = look(watched, within=0.4)

    assert time.monotonic() - began < 2
    assert seen.registry == Silence("no answer within 0.4 s")
    assert seen.flink == Silence("Connection refused")
    assert seen.broker is None


def test_an_answer_without_sense_is_a_silence_with_a_reason() -> None:
    def nonsense() -> int:
        return int("three")

    assert together({"a": nonsense, "b": lambda: 3}, Deadline(1)) == {
        "a": Silence("ValueError: invalid literal for int() with base 10: 'three'"),
        "b": 3,
    }


def test_a_service_tells_its_failing_checks_and_what_it_waits_for() -> None:
    checks = {
        "kafka": {"ok": False, "detail": "rebalancing", "caution": False},
        "records": {"ok": True, "detail": "fine", "caution": False},
        "endpoints": {"ok": True, "detail": "shop gets nothing", "caution": True},
    }
    metrics = (
        '# HELP x\nfootfall_awaited_schema_since_seconds{schema_id="7"} 1.7e+09\n'
        'footfall_webhook_dead_letters_total{endpoint="a"} 2.0\nfootfall_webhook_dead_letters_total{endpoint="b"} 3.0\n'
        "footfall_webhook_events_total 12.0\nfootfall_odd NaN\nfootfall_as_of_seconds 1.7e+09\n"
    )
    with serving({"/health/ready": (503, {"checks": checks}), "/metrics": metrics}) as url:
        assert ask_service(url, Deadline(2)) == Service(
            ready=False,
            detail="kafka: rebalancing",
            cautions="endpoints: shop gets nothing",
            awaited={7: 1.7e9},
            numbers={
                "footfall_awaited_schema_since_seconds": 1.7e9,
                "footfall_webhook_dead_letters_total": 5.0,
                "footfall_webhook_events_total": 12.0,
                "footfall_as_of_seconds": 1.7e9,
            },
        )


def test_totals_are_told_as_they_are_and_as_they_were() -> None:
    rows = [
        Totals(topic, at, counted, 0, 0, 0)
        for topic, at, counted in (("a", 1, 5), ("a", 4, 6), ("a", 9, 8), ("b", 8, 1))
    ]

    assert accounts_of(rows, lately=5, is_all=False) == Accounts(now=(rows[2], rows[3]), before=(rows[1], rows[3]))


def test_a_topic_whose_first_messages_are_of_this_minute_had_none_before() -> None:
    rows = [Totals("a", 8, counted=1, dead=60), Totals("a", 9, counted=2, dead=61)]

    assert accounts_of(rows, lately=5, is_all=True) == Accounts(now=(rows[1],), before=(Totals("a", 5),))
