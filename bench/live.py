"""Live benchmark: the generator at a fixed rate, broker, registry, Flink and services, all on this machine, exactly once.

Prints the lag while it runs, at the end what it cost and how long an event took to its committed result, and writes that to
bench/results/. With --find it raises the rate until the lag grows. Everything runs in a temporary directory on free ports and
ends by itself.

    .venv/bin/python bench/live.py --set all --rate 20000 --minutes 10
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from footfall_flink.rest import FlinkRest
from footfall_flink.settings import AnalyticsSettings
from footfall_stack.testing import StackHandle, running_stack
from watching import Latency, Watch, checkpoints

HERE = Path(__file__).resolve().parent
SETS = {
    # What the fastest of the known click-stream projects computes: counts by type and source, revenue by category,
    # unique visitors, each per minute.
    "minute": ["event_counts", "revenue_by_category", "unique_visitors", "late_events", "dead_letters"],
    "all": [],
}
SERVICES = ["alerting", "recommender"]
FLAT = 5.0
"""Seconds of events that may be on their way: a checkpoint, a fetch, a collection of garbage."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", choices=SETS, default="all", help="streams to compute")
    parser.add_argument("--rate", type=int, default=20_000, help="events per second of all topics together")
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="how long it is measured, after a minute of warm-up"
    )
    parser.add_argument("--warm-up", type=float, default=60.0, help="seconds that do not count")
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--taskmanager-mib", type=int, default=6144)
    parser.add_argument("--find", action="store_true", help="raise the rate by a quarter until the lag grows")
    asked = parser.parse_args()
    while True:
        result = run(asked)
        write(asked, result)
        if not asked.find or not result["lag_is_flat"]:
            raise SystemExit(0 if result["lag_is_flat"] or asked.find else 1)
        asked.rate = int(asked.rate * 1.25)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure one rate and return the figures."""
    env = {
        "ANALYTICS_PARALLELISM": str(asked.parallelism),
        "ANALYTICS_VIEWS": ",".join(SETS[asked.set]),
        "FLINK_TASKMANAGER_MIB": str(asked.taskmanager_mib),
        "KAFKA_RETENTION_MIB": "2048",
    }
    names = ["kafka", "registry", "jobmanager", "taskmanager", "job", *(SERVICES if asked.set == "all" else [])]
    with (
        tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder,
        running_stack(Path(folder), names, env=env) as stack,
    ):
        os.environ.update(stack.env)
        settings = AnalyticsSettings.load()
        generator = generate(asked, stack)
        try:
            with FlinkRest(settings.flink_rest_url) as rest:
                return measure(asked, stack, settings, rest, names, generator)
        finally:
            generator.terminate()
            generator.wait()


def generate(asked: argparse.Namespace, stack: StackHandle) -> "subprocess.Popen[bytes]":
    """Start the shop."""
    seconds = int(asked.warm_up + asked.minutes * 60 + 60)
    size = ["--users", str(asked.users), "--products", str(asked.products), "--seed", "1"]
    time_ = ["--rate", str(asked.rate), "--duration", f"{seconds}s"]
    command = [sys.executable, "-m", "footfall_stack", "generate", *time_, *size]
    return subprocess.Popen(command, env=os.environ | stack.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(  # noqa: PLR0917
    asked: argparse.Namespace,
    stack: StackHandle,
    settings: AnalyticsSettings,
    rest: FlinkRest,
    names: list[str],
    generator: "subprocess.Popen[bytes]",
) -> dict[str, Any]:
    """Warm up, then watch for the time asked for."""
    time.sleep(asked.warm_up)
    metric = Latency(settings, "event_counts", "window_end")
    alert = Latency(settings, "inventory-alerts", "event_time")
    latencies = {"event to committed metric": metric} | (
        {"event to committed alert": alert} if asked.set == "all" else {}
    )
    watch = Watch(stack, settings, names, psutil.Process(generator.pid))
    for latency in latencies.values():
        latency.start()
    watch.begin()
    ends = time.monotonic() + asked.minutes * 60
    while time.monotonic() < ends:
        lag = watch.sample()
        if len(watch.lags) % 15 == 0:
            print(
                f"{asked.rate:,}/s  {len(watch.lags):4} samples  lag {lag:,} events = {lag / asked.rate:.1f} s",
                flush=True,
            )
        time.sleep(1)
    seconds, used = watch.processors()
    for latency in latencies.values():
        latency.stop()
    watch.close()
    job = rest.jobs(settings.job_name)[-1]
    events = asked.rate * seconds
    first, last = watch.lags[: len(watch.lags) // 4], watch.lags[-(len(watch.lags) // 4) :]
    return {
        "set": asked.set,
        "rate": asked.rate,
        "seconds": round(seconds),
        "lag_seconds_median": round(sorted(watch.lags)[len(watch.lags) // 2] / asked.rate, 2),
        "lag_seconds_max": round(max(watch.lags) / asked.rate, 2),
        "lag_is_flat": sorted(last)[len(last) // 2] <= sorted(first)[len(first) // 2] + FLAT * asked.rate,
        "cpu_seconds_per_million_events": {name: round(cpu / events * 1e6, 2) for name, cpu in used.items()},
        "cpu_cores": round(sum(used.values()) / seconds, 2),
        "memory_mib_peak": {name: round(size / 2**20) for name, size in watch.peaks.items()},
        "checkpoints": checkpoints(rest, job.id),
        "restarts": rest.restarts(job.id),
        **{name: latency.summary() for name, latency in latencies.items()},
    }


def write(asked: argparse.Namespace, result: dict[str, Any]) -> None:
    """Print the figures and put them beside those of other rates."""
    print(json.dumps(result, indent=2), flush=True)
    path = HERE / "results" / f"live-{asked.set}-{asked.rate}.json"
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["bench/live.py", *sys.argv[1:]]),
        "machine": {
            "cores": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "system": platform.platform(),
        },
        **result,
    }
    path.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {path.relative_to(HERE.parent)}", flush=True)


if __name__ == "__main__":
    main()
