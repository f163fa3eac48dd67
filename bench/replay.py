"""Replay benchmark: a full clickstream topic through Flink, exactly once, against a plain Kafka consumer.

All read the same topic in the same run on this machine; Flink with our own format and with its stock one. Prints records per
second, CPU seconds and the ratios, and writes them to bench/results/. Everything runs in a temporary directory on free ports
and ends by itself.

    .venv/bin/python bench/replay.py --events 5000000 --rounds 3
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from footfall_analytics.__main__ import provision
from footfall_analytics.compiling.submission import Submission
from footfall_analytics.planning.script import Script, build_script, fill_source
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings
from footfall_stack.testing import StackHandle, running_stack

HERE = Path(__file__).resolve().parent
WARM_UPS = 2
"""Passes before those that count: the TaskManager's JVM compiles its hot code in them, as it has after a minute of work."""


@dataclass(frozen=True)
class Reading:
    """One reader's pass over the topic."""

    records: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Records per second of wall time."""
        return self.records / self.seconds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--events", type=int, default=5_000_000, help="events to publish, about 95 %% of them clickstream"
    )
    parser.add_argument("--rounds", type=int, default=3, help="counted passes of each reader, in turn")
    parser.add_argument("--parallelism", type=int, default=2)
    parser.add_argument("--all-streams", action="store_true", help="also replay through every stream of the core")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder:
        # Checkpoints every 10 s and big polls, as for any backlog.
        env = {
            "ANALYTICS_PARALLELISM": str(asked.parallelism),
            "ANALYTICS_SOURCE_PARALLELISM": str(asked.parallelism),
            "ANALYTICS_CHECKPOINT_INTERVAL": "10s",
            "ANALYTICS_MAX_POLL_RECORDS": "10000",
            "ANALYTICS_FETCH_MIN_BYTES": "262144",
        }
        names = ["kafka", "registry", "jobmanager", "taskmanager"]
        with running_stack(Path(folder), names, env=env, optimised=True) as stack:
            os.environ.update(stack.env)
            settings = AnalyticsSettings.load()
            provision(settings)
            publish(asked.events)
            records = count(settings, "clickstream")
            print(f"{records:,} clickstream records in Kafka")
            plain, flink, stock, everything = [], [], [], []
            for number in range(WARM_UPS + asked.rounds):
                print("counted:" if number >= WARM_UPS else "warm-up:")
                plain.append(show("plain consumer", read_plain(settings, stack, records)))
                script = counts_script(settings, number)
                flink.append(show("Flink, counts", replay(settings, stack, script, records, number)))
                script = with_stock_format(counts_script(settings, number, "stock"))
                stock.append(show("Flink, stock format", replay(settings, stack, script, records, number, "stock")))
                if asked.all_streams:
                    script = build_script(settings, bounded=True)
                    everything.append(show("Flink, all streams", replay(settings, stack, script, records, number)))
    readings = {
        "plain consumer": plain,
        "Flink, counts": flink,
        "Flink, stock format": stock,
        "Flink, all streams": everything,
    }
    report(asked, records, {name: passes[WARM_UPS:] for name, passes in readings.items()})


def publish(events: int) -> None:
    """Fill the topics at full speed."""
    options = ["--rate", "max", "--shop-rate", "10000", "--events", str(events), "--seed", "1", "--duration", "24h"]
    size = ["--users", "50000", "--products", "5000"]
    subprocess.run([sys.executable, "-m", "footfall_stack", "generate", *options, *size], check=True)


def count(settings: AnalyticsSettings, topic: str) -> int:
    """Return how many records a topic holds."""
    consumer = Consumer(settings.librdkafka() | {"group.id": "bench"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    ends = [consumer.get_watermark_offsets(TopicPartition(topic, partition)) for partition in partitions]
    consumer.close()
    return sum(high - low for low, high in ends)


def read_plain(settings: AnalyticsSettings, stack: StackHandle, records: int) -> Reading:
    """Read the topic with Kafka's own consumer benchmark, which does nothing with the records."""
    classpath = str(stack.settings.footfall_jars_dir / "kafka" / "*")
    command = ["java", "-Xmx512m", "-cp", classpath, "org.apache.kafka.tools.ConsumerPerformance"]
    target = ["--bootstrap-server", settings.kafka_bootstrap_servers, "--topic", "clickstream"]
    before = psutil.Process().cpu_times()
    done = subprocess.run(
        [*command, *target, "--num-records", str(records), "--group", f"plain-{time.time_ns()}"],
        capture_output=True,
        text=True,
        check=True,
    )
    after = psutil.Process().cpu_times()
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    columns = [name.strip() for name in lines[-2].split(",")]
    values = dict(zip(columns, (value.strip() for value in lines[-1].split(",")), strict=True))
    seconds = float(values["fetch.time.ms"]) / 1000
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Reading(int(values["data.consumed.in.nMsg"]), seconds, cpu)


def counts_script(settings: AnalyticsSettings, number: int, variant: str = "ours") -> Script:
    """Return the script of the smallest query, its sink named after the round and the variant."""
    source, sink, insert = (HERE / "replay.sql").read_text().split(";\n")
    bench_topic(settings)
    prefix = f"bench-{number}-{variant}-{os.getpid()}"
    sink = sink.replace("${bootstrap}", settings.kafka_bootstrap_servers).replace("${transactional_id_prefix}", prefix)
    filled = fill_source("recorded_clicks", source.strip(), settings, bounded=True)
    return Script(tables={"recorded_clicks": filled, "counts_sink": sink}, views={}, inserts={"counts": insert})


def with_stock_format(script: Script) -> Script:
    """Return the same query over the same connector with Flink's `avro-confluent`, which has no column for poison."""
    source = script.tables["recorded_clicks"].replace("  decode_error STRING,\n", "")
    source = source.replace("'format' = 'footfall-avro'", "'format' = 'avro-confluent'")
    source = source.replace("'footfall-avro.url'", "'avro-confluent.url'")
    source = re.sub(r"\s*'footfall-avro\.[^']+' = '[^']*',?(?=\n)", "", source)
    insert = script.inserts["counts"].replace("WHERE decode_error IS NULL\n", "")
    return Script(tables=script.tables | {"recorded_clicks": source}, views=script.views, inserts={"counts": insert})


def bench_topic(settings: AnalyticsSettings) -> None:
    """Create the results' topic if it is not there."""
    admin = AdminClient(settings.librdkafka())  # a name of its own: the requests die with the client
    for future in admin.create_topics([NewTopic("bench-counts", 2, 1)]).values():
        future.exception()


def replay(  # noqa: PLR0917
    settings: AnalyticsSettings, stack: StackHandle, script: Script, records: int, number: int, variant: str = "ours"
) -> Reading:
    """Run a bounded job to its end and return its pass, from the first task's start to the last one's end."""
    name = f"bench-{number}-{variant}-{len(script.inserts)}"
    taskmanager = psutil.Process(stack.pid("taskmanager"))
    named = settings.model_copy(update={"job_name": name})
    submission = Submission(named, script, settings.state_dir / f"{name}.json")
    before = taskmanager.cpu_times()
    job_id = submission.execute()
    with FlinkRest(settings.flink_rest_url) as rest:
        while (job := next(job for job in rest.jobs(name) if job.id == job_id)).is_alive:
            time.sleep(0.2)
        if job.state != "FINISHED":
            raise SystemExit(f"job {job.state}: {rest.root_exception(job_id)}")
        seconds = rest.running_seconds(job_id)
    after = taskmanager.cpu_times()
    return Reading(records, seconds, after.user + after.system - before.user - before.system)


def show(name: str, reading: Reading) -> Reading:
    """Print one pass."""
    print(f"{name:20} {reading.rate:12,.0f} records/s {reading.seconds:8.1f} s {reading.cpu_seconds:8.1f} CPU s")
    return reading


def report(asked: argparse.Namespace, records: int, readings: dict[str, list[Reading]]) -> None:
    """Print medians and the ratio, and write the results."""
    summary: dict[str, Any] = {}
    for name, passes in readings.items():
        if passes:
            summary[name] = {
                "records_per_second": round(statistics.median(item.rate for item in passes)),
                "records_per_second_each_round": [round(item.rate) for item in passes],
                "cpu_seconds": round(statistics.median(item.cpu_seconds for item in passes), 1),
                "records_per_cpu_second": round(records / statistics.median(item.cpu_seconds for item in passes)),
            }
    plain = summary["plain consumer"]["records_per_second"]
    ratios = {
        name: round(figures["records_per_second"] / plain, 3)
        for name, figures in summary.items()
        if name != "plain consumer"
    }
    for name, ratio in ratios.items():
        print(
            f"{name}: {ratio} of the plain consumer, {summary[name]['records_per_cpu_second']:,} records per CPU second"
        )
    result = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["bench/replay.py", *sys.argv[1:]]),
        "machine": {
            "cores": psutil.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "system": platform.platform(),
        },
        "clickstream_records": records,
        "rounds": asked.rounds,
        "median": summary,
        "ratio_to_plain_consumer": ratios,
    }
    path = HERE / "results" / "replay.json"
    path.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written to {path.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
