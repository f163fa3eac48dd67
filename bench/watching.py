"""What a live run is watched by: lag, processor time, memory, checkpoints, and how long an event takes to its result."""

import statistics
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psutil
from confluent_kafka import Consumer, TopicPartition
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.codec import decode, schema_id_of
from footfall_schemas.topics import load_topics
from footfall_stack.testing import StackHandle

GROUPS = {"clickstream": "shop_events", "checkouts": "shop_events", "inventory-updates": "inventory_updates"}
"""Source table that reads each event topic: its consumer group is named after it."""


@dataclass(frozen=True)
class Usage:
    """Processor seconds and bytes in memory of one process with its children."""

    cpu: float
    memory: int


def usage(process: psutil.Process) -> Usage:
    """Return what a process and its children have used so far; what has ended since counts where the parent waited for it."""
    cpu, memory = 0.0, 0
    for each in [process, *process.children(recursive=True)]:
        try:
            times = each.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += each.memory_info().rss
        except psutil.Error:
            continue
    return Usage(cpu, memory)


class Lag:
    """Messages of the event topics that no committed result contains yet."""

    def __init__(self, settings: AnalyticsSettings) -> None:
        client = settings.librdkafka() | {"enable.auto.commit": False}
        self._readers = {
            topic: Consumer(client | {"group.id": f"{settings.job_name}-{table}"}) for topic, table in GROUPS.items()
        }
        self._partitions = {
            topic: [TopicPartition(topic, number) for number in range(load_topics()[topic].partitions)]
            for topic in GROUPS
        }

    def now(self) -> int:
        """Return the lag over all topics."""
        lag = 0
        for topic, reader in self._readers.items():
            for place in reader.committed(self._partitions[topic], timeout=10):
                low, high = reader.get_watermark_offsets(place, timeout=10)
                lag += high - max(place.offset, low)
        return lag

    def close(self) -> None:
        """Leave the broker."""
        for reader in self._readers.values():
            reader.close()


@dataclass
class Latency:
    """Reads a result topic as its users do, and notes how long after the event's time each row could be read."""

    settings: AnalyticsSettings
    topic: str
    time_field: str
    sampled: bool = False
    """Whether one partition is enough: of a topic with many rows, to read all would cost the machine more than it tells."""
    delays: list[float] = field(default_factory=list)
    """Seconds from the event (or the end of its window) until its committed row was read, less the watermark delay."""
    last: dict[datetime, float] = field(default_factory=dict)
    """By event time (or end of a window), the delay of its last row."""

    def start(self) -> None:
        """Read in a thread until `stop`."""
        self._going = True
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._going = False
        self._thread.join()

    def summary(self) -> dict[str, float]:
        """Return median and 99th percentile over rows, and the worst moment's: its last row.

        Windows that end at the same place between two checkpoints see one delay only, however many there are: a checkpoint
        interval that does not divide their length shows all of them.
        """
        if len(self.delays) < 2:  # noqa: PLR2004
            return {"rows": len(self.delays)}
        cuts = statistics.quantiles(self.delays, n=100)
        return {
            "rows": len(self.delays),
            "p50_seconds": round(cuts[49], 3),
            "p99_seconds": round(cuts[98], 3),
            "moments": len(self.last),
            "worst_moment_seconds": round(max(self.last.values()), 3),
        }

    def note(self, moment: datetime, now: float) -> None:
        """Take up a row of a moment that was read now, in epoch seconds."""
        delay = now - moment.timestamp() - self.settings.watermark_delay.total_seconds()
        self.delays.append(delay)
        self.last[moment] = delay

    def _read(self) -> None:
        registry = self.settings.registry()
        options = {"group.id": f"bench-{self.topic}", "auto.offset.reset": "latest", "enable.auto.commit": False}
        consumer = Consumer(self.settings.librdkafka() | options | {"isolation.level": "read_committed"})
        partitions = consumer.list_topics(self.topic, timeout=10).topics[self.topic].partitions
        consumer.assign([TopicPartition(self.topic, number) for number in partitions][: 1 if self.sampled else None])
        while self._going:
            for message in consumer.consume(1000, timeout=0.05):
                if not message.error():
                    value = message.value()
                    row = decode(value, registry.schema(schema_id_of(value)))
                    self.note(row[self.time_field], time.time())
        consumer.close()


@dataclass
class Watch:
    """Samples a running stack once a second."""

    stack: StackHandle
    settings: AnalyticsSettings
    names: list[str]
    generator: psutil.Process
    lags: list[int] = field(default_factory=list)
    peaks: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def begin(self) -> None:
        """Take the counters from which everything is counted."""
        self._lag = Lag(self.settings)
        self._processes = {name: psutil.Process(self.stack.pid(name)) for name in self.names} | {
            "generator": self.generator
        }
        self._before = {name: usage(process) for name, process in self._processes.items()}
        self._began = time.monotonic()

    def sample(self) -> int:
        """Take one sample and return the lag."""
        self.lags.append(self._lag.now())
        for name, process in self._processes.items():
            if process.is_running():
                self.peaks[name] = max(self.peaks[name], usage(process).memory)
        return self.lags[-1]

    def processors(self) -> tuple[float, dict[str, float]]:
        """Return the seconds that have passed, and the processor seconds of each process in them."""
        used = {name: usage(process).cpu - self._before[name].cpu for name, process in self._processes.items()}
        return time.monotonic() - self._began, used

    def close(self) -> None:
        """Leave the broker."""
        self._lag.close()


def checkpoints(rest: FlinkRest, job_id: str) -> dict[str, Any]:
    """Return how many checkpoints there were, how long they took and how large they are."""
    found = rest.checkpoints(job_id)
    summary = found["summary"]
    return {
        "completed": found["counts"]["completed"],
        "failed": found["counts"]["failed"],
        "state_mib_last": round(((found["latest"].get("completed") or {}).get("state_size", 0)) / 2**20, 1),
        "written_mib_p50": round(summary["checkpointed_size"]["p50"] / 2**20, 1),
        "seconds_p50": summary["end_to_end_duration"]["p50"] / 1000,
        "seconds_p99": summary["end_to_end_duration"]["p99"] / 1000,
    }
