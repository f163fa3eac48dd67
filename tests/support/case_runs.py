"""Cases through the real thing: published to Kafka, planned and computed as in production, read back as readers would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from footfall_analytics.compiling.flink_home import flink_environment
from footfall_analytics.compiling.options import job_options, state_ttl
from footfall_analytics.planning.script import Script, build_script
from footfall_analytics.settings import AnalyticsSettings
from footfall_schemas.codec import decode, encode, key_of, schema_id_of
from footfall_schemas.provision import ensure_topics
from footfall_schemas.registry import SchemaRegistry
from footfall_schemas.topics import Json, load_topics

from support.cases import HEADERS, Case, Input, Tombstone
from support.kafka import DIMENSIONS, create_with_times_of_producers, read_raw
from support.placing import Placed, place, published, runs_of

TESTS = Path(__file__).resolve().parents[1]
SETTINGS = {
    # Rows of one case may be hours out of order and yet not late; the next case is days away.
    "ANALYTICS_WATERMARK_DELAY": "3h",
    # One row at a time, and a clock that ticks with each: what is late does not depend on the machine.
    "ANALYTICS_MAX_POLL_RECORDS": "1",
    "ANALYTICS_IDLE_TIMEOUT": "10m",
    # Cases are put days apart, the last ones in a year to come.
    "ANALYTICS_MAX_FUTURE_SKEW": "36500d",
    "ANALYTICS_PARALLELISM": "1",
}
LOCAL = {
    "execution.target": "local",
    "taskmanager.memory.managed.size": "512 mb",
    # A job that fails says why at once.
    "restart-strategy.type": "none",
}
JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx1500m"
LONGEST = 300.0


@dataclass
class Run:
    """Cases that one job computes."""

    placed: list[Placed]
    settings: AnalyticsSettings
    error: str = ""

    @property
    def views(self) -> list[str]:
        """Views that the cases look at."""
        return sorted({each.case.view for each in self.placed})

    def script(self) -> Script:
        """Return the job as it is planned for production, but for an end and a clock that ticks with every row."""
        script = build_script(self.settings, views=self.views, bounded=True)
        return replace(script, tables={name: _ticking(sql) for name, sql in script.tables.items()})


class Outcomes:
    """What the views made of the cases.

    Args:
        cases: What to run.
        kafka: Address of the broker.
        registry: Address of the registry.
        folder: Where plans and checkpoints may be left.
    """

    def __init__(self, cases: Sequence[Case], kafka: str, registry: str, folder: Path) -> None:
        self._kafka = kafka
        self._registry = SchemaRegistry(registry)
        environment = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "SCHEMA_REGISTRY_URL": registry}
        self._runs = [
            _run(number, group, environment, folder / str(number)) for number, group in enumerate(runs_of(cases))
        ]
        for run in self._runs:
            self._publish(run)
        _compute(self._runs, folder)
        self._outputs: dict[tuple[str, str], list[Json]] = {}

    def of(self, case: Case) -> list[Json]:
        """Return all rows of the case's view that the case caused.

        Raises:
            RuntimeError: Its job failed.
        """
        run, placed = next((run, each) for run in self._runs for each in run.placed if each.case == case)
        if run.error:
            raise RuntimeError(run.error)
        prefix = run.settings.topic_prefix
        if (prefix, case.view) not in self._outputs:
            self._outputs[prefix, case.view] = list(self._read(prefix, case.view))
        return placed.own(self._outputs[prefix, case.view])

    def _publish(self, run: Run) -> None:
        prefix = run.settings.topic_prefix
        wanted = [replace(t, partitions=1) for t in load_topics().values() if not t.is_output or t.view in run.views]
        dimensions = [topic for topic in wanted if topic.name in DIMENSIONS]
        create_with_times_of_producers(self._kafka, dimensions, prefix)
        ensure_topics({"bootstrap.servers": self._kafka}, wanted, prefix=prefix)
        producer = Producer({"bootstrap.servers": self._kafka})
        for topic in wanted:
            schema_id = self._registry.register(topic)
            order = _valid_from if topic.cleanup == "compact" else None
            for row in published(run.placed, topic.name, order):
                match row:
                    case dict():
                        headers = row.pop(HEADERS, {})
                        value = encode(schema_id, topic.schema, row)
                        producer.produce(prefix + topic.name, value, key_of(topic, row), headers=headers)
                    case Tombstone(key, when):
                        written = int(when.timestamp() * 1000)
                        producer.produce(prefix + topic.name, None, key_of(topic, key), timestamp=written)
                    case _:
                        producer.produce(prefix + topic.name, row, b"raw")
        if left := producer.flush(30):
            raise RuntimeError(f"{left} rows not acknowledged by {self._kafka}")

    def _read(self, prefix: str, view: str) -> Iterator[Json]:
        topic = next(topic for topic in load_topics().values() if topic.view == view)
        values = [(message.key(), message.value()) for message in read_raw(self._kafka, prefix + topic.name)]
        if topic.cleanup == "compact":
            values = list(dict(values).items())
        for _, value in values:
            if value is not None:
                row = decode(value, self._registry.schema(schema_id_of(value)))
                yield {name: _without(prefix, item) for name, item in row.items()}


def _run(number: int, cases: list[Case], environment: dict[str, str], folder: Path) -> Run:
    variables = SETTINGS | cases[0].settings | environment
    prefix = f"cases-{os.getpid()}-{number}-"
    variables |= {"ANALYTICS_TOPIC_PREFIX": prefix, "ANALYTICS_JOB_NAME": prefix, "FOOTFALL_DATA_DIR": str(folder)}
    return Run(place(cases), _settings(variables))


def _settings(variables: dict[str, str]) -> AnalyticsSettings:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        return AnalyticsSettings()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _valid_from(row: Input) -> datetime:
    """Return when a version begins, or that none is valid any more; what cannot be read comes last."""
    match row:
        case dict():
            return row["updated_at"]  # type: ignore[no-any-return]
        case Tombstone(_, when):
            return when
    return datetime.max.replace(tzinfo=UTC)


def _ticking(sql: str) -> str:
    return sql.replace("'footfall-kafka',", "'footfall-kafka',\n  'scan.watermark.emit.strategy' = 'on-event',")


def _compute(runs: list[Run], folder: Path) -> None:
    requests = [
        {
            "script": asdict(run.script()),
            "options": {k: v for k, v in job_options(run.settings).items() if not k.startswith("rest.")} | LOCAL,
            "ttl": state_ttl(),
            "plan_file": str(run.settings.state_dir / "plan.json"),
        }
        for run in runs
    ]
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    overlay = flink_environment(runs[0].settings.jars_dir, folder / "pyflink")
    done = subprocess.run(
        [sys.executable, "-m", "support.local_flink"],
        input=json.dumps(requests),
        env=os.environ | overlay | {"JVM_ARGS": JVM, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=LONGEST * len(runs),
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('"')]
    if len(answers) != len(runs):
        raise RuntimeError(done.stdout + done.stderr[-4000:])
    for run, answer in zip(runs, answers, strict=True):
        run.error = answer


def _without(prefix: str, value: Any) -> Any:
    return value.removeprefix(prefix) if isinstance(value, str) else value
