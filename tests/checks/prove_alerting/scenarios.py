"""What is played: kills and rebalances at random, rebalances alone, one bad receiver beside a good one, a burst."""

import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

import orjson

from checks.prove.verdict import Verdict, compared
from checks.prove_alerting.prompt import Prompt, prompt
from checks.prove_alerting.stage import Say, Stage
from checks.prove_alerting.workers import Alerts, Worker, until, workers
from support.receivers import KINDS, Receivers

SETTLED_WITHIN = 1800.0
"""Seconds."""
CALMLY = 20
"""Alerts per second that leave a small machine idle."""
GOOD = "good"
LATE = 1.0
"""Seconds by which the others may delay a first attempt."""


@dataclass(frozen=True)
class Place:
    """Where scenarios are played."""

    env: Mapping[str, str]
    """The stack's variables."""
    folder: Path
    say: Say


def chaos(place: Place, count: int, kills: int, luck: Random) -> list[Verdict]:
    """Kill and rebalance two workers at random while alerts come."""
    with Receivers(minute=60.0) as receivers:
        stage = Stage("chaos", place.env, place.folder, receivers)
        alerts = stage.alerts()
        with workers(2, stage.settings(), stage.log) as running:
            coming = threading.Thread(target=_make, args=(alerts, count, 120.0), daemon=True)
            coming.start()
            for number in range(kills):
                time.sleep(luck.uniform(2, 8))
                worker = luck.choice(running)
                if luck.random() < 0.3:
                    _rebalance(stage)
                worker.end(signal.SIGKILL)
                time.sleep(luck.uniform(0, 3))
                worker.start()
                place.say(f"kill {number + 1} of {kills}")
            for worker in running:
                worker.ready()
            coming.join()
            _settle(stage, alerts, place.say)
        verdicts, repeated = stage.judge(alerts, exact=False)
        place.say(f"chaos: {count} alerts, {kills} kills, {repeated} requests were repeated")
        return verdicts


def rebalances(place: Place, count: int, luck: Random) -> list[Verdict]:
    """Let a third worker come and go while jobs wait: nothing is attempted twice."""
    with Receivers(minute=10.0) as receivers:
        stage = Stage("rebalances", place.env, place.folder, receivers)
        alerts = stage.alerts()
        with workers(2, stage.settings(), stage.log):
            coming = threading.Thread(target=_make, args=(alerts, count, 30.0), daemon=True)
            coming.start()
            for _ in range(5):
                time.sleep(luck.uniform(1, 4))
                _rebalance(stage)
            coming.join()
            _settle(stage, alerts, place.say)
        verdicts, repeated = stage.judge(alerts, exact=True)
        place.say(f"rebalances: {count} alerts, {repeated} requests were repeated")
        return verdicts


def neighbours(place: Place, count: int) -> list[Verdict]:
    """Compare how late first attempts at a good receiver begin when it is alone, and beside all the others."""
    late: dict[str, list[float]] = {}
    bad = {name: kind for name, kind in KINDS.items() if name != GOOD}
    for name, others in (("alone", {}), ("beside others", bad)):
        with prompt() as good, Receivers(minute=10.0, kinds=others) as receivers:
            receivers.urls[GOOD] = good.url
            stage = Stage(name, place.env, place.folder, receivers, (*others, GOOD))
            alerts = stage.alerts()
            with workers(1, stage.settings(), stage.log):
                _make(alerts, count, count / CALMLY)
                until("all are delivered to the good one", partial(_has_heard, good, count), SETTLED_WITHIN)
            late[name] = stage.first_attempts(GOOD)
    worst = {name: max(found, default=0.0) for name, found in late.items()}
    place.say(
        "the latest first attempt at a good receiver: " + ", ".join(f"{n} {each:.2f} s" for n, each in worst.items())
    )
    allowed = worst["alone"] + LATE
    delayed = [f"{each:.2f} s" for each in late["beside others"] if each > allowed]
    unknown = ["not kept"] * (2 * count - sum(map(len, late.values())))
    return [compared("neighbours", "first attempts that others delay", count, {"too late": delayed, "": unknown})]


def burst(place: Place, count: int) -> list[Verdict]:
    """Give one worker many alerts at once for a receiver that answers in a second, sixteen at a time."""
    came: list[str] = []

    class Slow(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            time.sleep(1)
            came.append(orjson.loads(body)["data"]["alert_id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Receivers(kinds={}) as nobody:
        stage = Stage("burst", place.env, place.folder, nobody, ())
        nobody.urls[GOOD] = f"http://127.0.0.1:{server.server_port}/"
        stage.kinds = (GOOD,)
        alerts = stage.alerts()
        settings = stage.settings() | {"ALERTING_TIMEOUT": "15s", "ALERTING_CONCURRENCY": "16"}
        with workers(1, settings, stage.log) as (worker,):
            before, most = worker.memory(), 0.0
            alerts.make(count)
            alerts.flush()
            deadline = time.monotonic() + count / 16 * 3 + 300
            while len(came) < count and time.monotonic() < deadline:
                time.sleep(5)
                most = max(most, worker.memory())
                place.say(f"burst: {len(came):,} of {count:,}, {most - before:.0f} MB more")
            time.sleep(2)
        dead, others = stage.dead()
    server.shutdown()
    missing = [alert for alert in alerts.warehouses if alert not in set(came)]
    repeated = len(came) - len(set(came))
    return [
        compared("burst", "webhooks", count, {"not delivered": missing, "repeated": ["twice"] * repeated}),
        compared("burst", "dead letters", len(dead) + len(others), {"dead": [*dead, *others]}),
        compared("burst", "megabytes", round(most - before), {"too much": ["memory"] if most - before > 80 else []}),
    ]


def _has_heard(receiver: Prompt, count: int) -> bool:
    return receiver.heard() >= count


def _make(alerts: Alerts, count: int, seconds: float) -> None:
    begun = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begun + number * seconds / count - time.monotonic()))
        alerts.make(1)
    alerts.flush()


def _rebalance(stage: Stage) -> None:
    """Let one more worker come and go."""
    guest = Worker(stage.settings(), stage.log)
    guest.start()
    try:
        guest.ready()
    finally:
        guest.end(signal.SIGTERM)


def _settle(stage: Stage, alerts: Alerts, say: Say) -> None:
    """Wait until every webhook is delivered or dead."""
    deadline, told = time.monotonic() + SETTLED_WITHIN, 0.0
    while (left := stage.left(alerts)) and time.monotonic() < deadline:
        if time.monotonic() - told > 20:
            say(f"{stage.name}: {left:,} webhooks are left")
            told = time.monotonic()
        time.sleep(2)
    # What ended last is still to be crossed off in the topic of jobs.
    time.sleep(5)
