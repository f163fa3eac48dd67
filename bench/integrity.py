"""Whether the light stays green: a shop at a fixed rate, hurt again and again, and every comparison of its streams.

Kills of TaskManager, JobManager, broker and supervisor, a stop and a start of everything, a replay and a flood of late events
take turns, one every so many seconds. At the end nothing may ever have disagreed, and comparisons must have gone on.
Writes bench/results/integrity-<rate>.json. Everything runs in a temporary directory on free ports and ends by itself.

    .venv/bin/python bench/integrity.py --minutes 60
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import Consumer, Producer
from footfall_schemas.codec import decode, encode, schema_id_of
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import ROOT, Json, topic
from footfall_stack.testing import StackHandle
from live import ended, start

HERE = Path(__file__).resolve().parent
NAMES = ["kafka", "registry", "jobmanager", "taskmanager", "analytics"]
CLICKS = topic("clickstream")
FLOOD = 20_000
"""Late clicks at once."""
RECORDED = 2_000
"""Lines of the file that is replayed."""
LAST = 150.0
"""Seconds after the last hurt in which a comparison must come."""


class Findings:
    """What has been published of the comparisons."""

    def __init__(self, env: dict[str, str]) -> None:
        self.compared: Counter[str] = Counter()
        self.disagreed: list[Json] = []
        self._registry = SchemaRegistry(env["SCHEMA_REGISTRY_URL"])
        self._consumer = Consumer(
            {
                "bootstrap.servers": env["KAFKA_BOOTSTRAP_SERVERS"],
                "group.id": "bench-integrity",
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "topic.metadata.refresh.interval.ms": 2000,
            }
        )
        self._consumer.subscribe(["integrity"])

    def read(self, seconds: float) -> None:
        """Take what is there, and what comes within some seconds; a broker that is away says nothing."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            message = self._consumer.poll(min(left, 1.0))
            if message is None or message.error():
                continue
            value = message.value()
            if value is None:
                continue
            row = decode(value, self._registry.schema(schema_id_of(value)))
            self.compared[row["identity"]] += 1
            if not row["holds"]:
                self.disagreed.append(row)

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()


class Hurts:
    """What the shop is hurt with, one after the other.

    Args:
        stack: The shop.
        folder: For files.
    """

    def __init__(self, stack: StackHandle, folder: Path) -> None:
        self._stack = stack
        self._file = folder / "recorded.csv"
        self._file.write_text(recorded())
        self.done: Counter[str] = Counter()
        self.turns: list[tuple[str, Callable[[], None]]] = [
            *((f"{name} killed", self._kill(name)) for name in ("taskmanager", "kafka")),
            ("late flood", self._flood),
            ("replay", self._replay),
            *((f"{name} killed", self._kill(name)) for name in ("jobmanager", "analytics")),
            ("restart", self._restart),
        ]

    def next(self) -> str:
        """Hurt it with the next and return what it was."""
        name, hurt = self.turns[self.done.total() % len(self.turns)]
        hurt()
        self.done[name] += 1
        return name

    def _kill(self, name: str) -> Callable[[], None]:
        def kill() -> None:
            self._stack.kill(name)

        return kill

    def _flood(self) -> None:
        registry = SchemaRegistry(self._stack.env["SCHEMA_REGISTRY_URL"])
        number = registry.register(CLICKS)
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        producer = Producer({"bootstrap.servers": self._stack.env["KAFKA_BOOTSTRAP_SERVERS"]})
        example = json.loads(next((ROOT / "examples" / CLICKS.name).glob("*.json")).read_text())
        for each in range(FLOOD):
            row = dict.fromkeys(CLICKS.field_names) | example
            row |= {"event_id": f"flood-{self.done.total()}-{each}", "event_time": long_ago}
            producer.produce(CLICKS.name, encode(number, CLICKS.schema, row), row["user_id"].encode())
            producer.poll(0)
        producer.flush(60)

    def _replay(self) -> None:
        said = start(["replay", str(self._file)], self._stack)
        if said.wait(300):
            raise SystemExit("the replay failed")

    def _restart(self) -> None:
        self._stack.stop()
        self._stack.start(NAMES)
        self._stack.wait_ready()


def recorded() -> str:
    """Return a recorded file in the format of UserBehavior."""
    draw, begin = random.Random(1), 1_511_658_000  # noqa: S311  the same each time
    kinds = ("pv", "pv", "pv", "cart", "fav", "buy")
    lines = (
        f"{draw.randint(1, 200)},{draw.randint(1, 100)},{draw.randint(1, 9)},{draw.choice(kinds)},{begin + each}"
        for each in range(RECORDED)
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=int, default=5_000, help="events per second of all topics together")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two hurts")
    parser.add_argument("--taskmanager-mib", type=int, default=6_144)
    asked = parser.parse_args()
    result = run(asked)
    print(json.dumps(result, indent=2, default=str))
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["bench/integrity.py", *sys.argv[1:]]),
        "machine": {"cores": psutil.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 2**30)},
    }
    path = HERE / "results" / f"integrity-{asked.rate}.json"
    path.write_text(json.dumps(report | result, indent=2, default=str) + "\n")
    raise SystemExit(0 if result["stayed_green"] else 1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """Hurt a shop for the time asked for and return what its light has said."""
    env = {
        "FLINK_TASKMANAGER_MIB": str(asked.taskmanager_mib),
        "KAFKA_RETENTION_MIB": "2048",
        "ANALYTICS_CHECKPOINT_INTERVAL": "5s",
    }
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as name, ExitStack() as ending:
        folder = Path(name)
        stack = StackHandle(folder / "data", env, optimised=True)
        ending.callback(stack.stop)
        stack.start(NAMES)
        stack.wait_ready()
        seconds = asked.minutes * 60
        size = ["--users", "20000", "--products", "2000", "--duration", f"{int(seconds + 600)}s"]
        generator = ending.enter_context(ended(start(["generate", "--rate", str(asked.rate), *size], stack)))
        findings = Findings(stack.env)
        ending.callback(findings.close)
        hurts = Hurts(stack, folder)
        began, before_last = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            findings.read(min(asked.every, max(1.0, seconds - (time.monotonic() - began))))
            if time.monotonic() - began < seconds:
                before_last = findings.compared.total()
                told = f"{hurts.next()}; {before_last:,} comparisons, {len(findings.disagreed)} disagree"
                print(f"{time.monotonic() - began:6.0f} s  {told}", flush=True)
            if generator.poll() is not None:
                raise SystemExit("the generator ended")
        findings.read(LAST)
        return {
            "rate": asked.rate,
            "minutes": asked.minutes,
            "hurts": dict(hurts.done),
            "comparisons": findings.compared.total(),
            "after_the_last_hurt": findings.compared.total() - before_last,
            "identities_compared": len(findings.compared),
            "comparisons_by_identity": dict(sorted(findings.compared.items())),
            "disagreed": findings.disagreed,
            "stayed_green": not findings.disagreed and findings.compared.total() > before_last,
        }


if __name__ == "__main__":
    main()
