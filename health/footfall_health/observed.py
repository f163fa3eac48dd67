"""What was seen at one moment. Times are epoch seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Silence:
    """Somebody gave no answer, or none that says anything."""

    reason: str


@dataclass(frozen=True)
class Failure:
    """Something that failed at a moment."""

    at: float
    cause: str


@dataclass(frozen=True)
class Source:
    """What a job's source says of itself; `table` is the SQL table that it is behind."""

    table: str
    watermark: float | None = None
    """None: no event has come yet."""
    slowest: str = ""
    """Partition that the watermark waits for, such as `clickstream-2`; empty when none takes part."""
    holding: int = 0
    """Partitions that have not been read to where they ended."""
    quiet: int = 0
    """Partitions that are read to their ends and have nothing to say."""
    behind_open_transactions: int = 0
    awaited: Mapping[int, float] = field(default_factory=dict)
    """Schema ids that the registry does not answer for, each with the moment since when."""
    told_at: float = 0.0
    """When it said so."""


@dataclass(frozen=True)
class Job:
    """One job as Flink sees it."""

    name: str
    state: str
    started: float
    running: int
    """Tasks."""
    total: int
    failures: tuple[Failure, ...] = ()
    """After which it was started again, the newest first."""
    completed: float | None = None
    """When its newest checkpoint was complete, be it one that it went on from; None: it has none yet."""
    failed_checkpoint: Failure | None = None
    """The last that failed."""
    reads: frozenset[str] = frozenset()
    """Tables that it reads: those that its views need."""
    writes: frozenset[str] = frozenset()
    """Views that it publishes."""
    sources: tuple[Source, ...] = ()
    """What they say, as far as Flink knows by now."""
    id: str = ""
    """What Flink calls it in addresses."""


@dataclass(frozen=True)
class Cluster:
    """Flink, and the newest job of each name that was asked for."""

    taskmanagers: int
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True)
class Partition:
    """One partition of a topic; offsets are those behind the last message."""

    topic: str
    number: int
    end: int
    stable: int
    """Where readers of committed messages end."""
    open_since: float | None = None
    """When the oldest message that an open transaction holds back was appended, if that is long ago."""
    read: int | None = None
    """Where the job's consumer group stands; None: it has not said, or it does not read it."""


OUTCOMES = ("counted", "duplicates", "late", "dead")
"""What may become of a message; each is a field of `Totals` and of the topic that they are read from."""


@dataclass(frozen=True)
class Totals:
    """What became of the messages of an input topic since the beginning; `at` is when the job wrote it."""

    topic: str
    at: float
    counted: int = 0
    duplicates: int = 0
    late: int = 0
    dead: int = 0

    @property
    def messages(self) -> int:
        """How many it speaks of."""
        return self.counted + self.duplicates + self.late + self.dead


@dataclass(frozen=True)
class Broker:
    """Kafka's partitions of the topics that were asked for."""

    partitions: tuple[Partition, ...] = ()


@dataclass(frozen=True)
class Accounts:
    """Each input topic's totals, as they are and as they were some minutes ago."""

    now: tuple[Totals, ...] = ()
    before: tuple[Totals, ...] = ()


@dataclass(frozen=True)
class Service:
    """What a service says of itself."""

    ready: bool
    detail: str
    """What its failing checks say."""
    cautions: str = ""
    """What its other checks want somebody to know."""
    awaited: Mapping[int, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Its own metrics by name, such as `footfall_webhook_events_total`; those of all labels are added up."""


@dataclass(frozen=True)
class Process:
    """What a supervisor knows of one of its processes."""

    name: str
    stage: str
    """waiting, starting, ready, restarting, finished or stopped."""
    since: float | None = None
    """When it was last started."""
    deaths: tuple[Failure, ...] = ()
    """How it ended lately, the newest last."""


@dataclass(frozen=True)
class Observation:
    """Everything that was seen."""

    at: float
    flink: Cluster | Silence | None = None
    """None, here and below: was not asked."""
    broker: Broker | Silence | None = None
    registry: float | Silence | None = None
    """Seconds that it took to answer."""
    accounts: Accounts | Silence | None = None
    services: Mapping[str, Service | Silence] = field(default_factory=dict)
    processes: tuple[Process, ...] = ()
