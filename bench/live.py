"""Live benchmark: the generator at a fixed rate, broker, registry, Flink and services, all on this machine, exactly once.

Prints the lag while it runs, at the end what it cost and how long an event took to its committed result, and writes that to
bench/results/. With --find it raises the rate until the lag grows; with --profile it tells where the TaskManager's time goes
and keeps no results, for to look costs time, too. Everything runs in a temporary directory on free ports and ends by itself.

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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings
from footfall_stack import ports
from footfall_stack.testing import StackHandle, running_stack
from profiling import profiled, shares, table
from watching import Latency, Watch, checkpoints

HERE = Path(__file__).resolve().parent
SETS = {
    # What the fastest of the known click-stream projects computes: counts by type and source, revenue by category,
    # unique visitors, each per minute.
    "minute": ["event_counts", "revenue_by_category", "unique_visitors", "late_events", "dead_letters"],
    "all": [],
}
SERVICES = ["alerting", "recommender", "dashboard"]
FLAT = 5.0
"""Seconds of events that may be on their way: a checkpoint, a fetch, a collection of garbage."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", choices=SETS, default="all", help="streams to compute")
    parser.add_argument("--rate", type=int, default=20_000, help="events per second of all topics together")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long it is measured")
    parser.add_argument(
        "--warm-up",
        type=float,
        default=60.0,
        help="seconds before it, at a third of the rate and then at the rate",
    )
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--lead-time", default="30m", help="from ordering stock to its arrival: how often it runs low")
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--taskmanager-mib", type=int, default=10_240)
    parser.add_argument("--checkpoint-interval", default="10s")
    parser.add_argument("--stock-job", action="store_true", help="compute the streams of stock in a job of their own")
    parser.add_argument("--stock-interval", default="1s", help="between checkpoints of that job")
    parser.add_argument("--state-backend", default="hashmap")
    parser.add_argument("--watermark-interval", default="200ms")
    parser.add_argument("--related-interval", default="5s", help="how often related products are told at most")
    parser.add_argument("--find", action="store_true", help="raise the rate by a quarter until the lag grows")
    parser.add_argument(
        "--profile", type=Path, metavar="FOLDER", help="write a flame graph and a table by operator there"
    )
    asked = parser.parse_args()
    while True:
        result = run(asked)
        if asked.profile:
            explain(asked, result)
        else:
            write(asked, result)
        if not asked.find or not result["lag_is_flat"]:
            raise SystemExit(0 if result["lag_is_flat"] or asked.find else 1)
        asked.rate = int(asked.rate * 1.25)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure one rate and return the figures."""
    receiver = ports.choose(1)[0]
    env = {
        "ALERTING_WEBHOOK_URL": f"http://127.0.0.1:{receiver}/",
        "ANALYTICS_PARALLELISM": str(asked.parallelism),
        "ANALYTICS_VIEWS": ",".join(SETS[asked.set]),
        "ANALYTICS_CHECKPOINT_INTERVAL": asked.checkpoint_interval,
        "ANALYTICS_STATE_BACKEND": asked.state_backend,
        "ANALYTICS_RELATED_INTERVAL": asked.related_interval,
        "ANALYTICS_WATERMARK_INTERVAL": asked.watermark_interval,
        "ANALYTICS_STOCK_CHECKPOINT_INTERVAL": asked.stock_interval,
        "FLINK_TASKMANAGER_MIB": str(asked.taskmanager_mib),
        "KAFKA_RETENTION_MIB": "2048",
    }
    names = ["kafka", "registry", "jobmanager", "taskmanager", "analytics", *(SERVICES if asked.set == "all" else [])]
    if asked.stock_job:
        names.append("analytics-stock")
    with (
        tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder,
        running_stack(Path(folder), names, env=env, optimised=True) as stack,
    ):
        os.environ.update(stack.env)
        settings = AnalyticsSettings.load()
        with ExitStack() as running:
            if asked.set == "all":
                listen = ["webhook", "listen", "--port", str(receiver)]
                running.enter_context(ended(start(listen, stack)))
            rest = running.enter_context(FlinkRest(settings.flink_rest_url))
            # The JVM compiles its hot code; at the full rate from the first second it would only pile up a backlog.
            with ended(generate(asked, stack, asked.rate // 3, seed=1)):
                time.sleep(asked.warm_up)
            generator = running.enter_context(ended(generate(asked, stack, asked.rate, seed=2)))
            time.sleep(asked.warm_up)
            if asked.profile:
                running.enter_context(profiled(stack.pid("taskmanager"), asked.profile))
            return measure(asked, stack, settings, rest, names, generator)


def generate(asked: argparse.Namespace, stack: StackHandle, rate: int, *, seed: int) -> "subprocess.Popen[bytes]":
    """Start the shop."""
    seconds = int(asked.warm_up + asked.minutes * 60 + 120)
    size = ["--users", str(asked.users), "--products", str(asked.products), "--seed", str(seed)]
    size += ["--lead-time", asked.lead_time]
    return start(["generate", "--rate", str(rate), "--duration", f"{seconds}s", *size], stack)


def start(command: list[str], stack: StackHandle) -> "subprocess.Popen[bytes]":
    """Start one of Footfall's commands."""
    return subprocess.Popen(
        [sys.executable, "-m", "footfall_stack", *command],
        env=os.environ | stack.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def ended(process: "subprocess.Popen[bytes]") -> "Iterator[subprocess.Popen[bytes]]":
    """End the process with the block."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def measure(  # noqa: PLR0917
    asked: argparse.Namespace,
    stack: StackHandle,
    settings: AnalyticsSettings,
    rest: FlinkRest,
    names: list[str],
    generator: "subprocess.Popen[bytes]",
) -> dict[str, Any]:
    """Watch for the time asked for."""
    metric = Latency(settings, "event_counts", "window_end")
    latencies = {"event to committed metric": metric}
    if asked.set == "all":
        latencies["event to committed alert"] = Latency(settings, "inventory-alerts", "event_time")
        # Windows of five seconds: a hundred and twenty in ten minutes, where those of a minute are ten.
        latencies["window of 5 s to committed ranking"] = Latency(settings, "related-products", "as_of", sampled=True)
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


def explain(asked: argparse.Namespace, result: dict[str, Any]) -> None:
    """Print what the TaskManager's processor time went to, and keep it beside the flame graph."""
    found = shares((asked.profile / "stacks.txt").read_text().splitlines())
    text = table(found, asked.rate * result["seconds"])
    (asked.profile / "operators.txt").write_text(text + "\n")
    print(json.dumps(result, indent=2), text, f"flame graph: {asked.profile / 'flame.html'}", sep="\n", flush=True)


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
        "taskmanager_jvm_options": os.environ.get("FLINK_TASKMANAGER_JVM_OPTIONS", "the stack's own"),
        **result,
    }
    path.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {path.relative_to(HERE.parent)}", flush=True)


if __name__ == "__main__":
    main()
