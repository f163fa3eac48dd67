"""The map as it is answered: its OpenAPI description is this file."""

from typing import Any, Literal, TypeAlias

from footfall_chassis.described import Described, Moment
from pydantic import ConfigDict, Field

State: TypeAlias = Literal["ok", "warning", "error", "unknown"]
Kind: TypeAlias = Literal["producer", "topic", "job", "service"]


class PartFact(Described):
    """One thing that holds or does not, as `footfall status` says it."""

    severity: State = Field(examples=["warning"])
    """`error` keeps results from being right, complete or on time; `warning` asks for a look; `unknown`: nobody can tell."""
    text: str = Field(examples=["checkpoint footfall: the newest is 45 s old"])
    """What it is about, and how it is."""
    cure: str = Field(examples=["results are written by checkpoints only: docs/operations.md#checkpoints-fail"])
    """What to do; empty for what is as it should be."""
    since: Moment | None = Field(None, examples=["2026-03-01T12:00:05.000Z"])
    """Since when it is not as it should be; null if it is, or if nobody knows."""


class Numbers(Described):
    """What is measured of one part; what does not apply to its kind, or is not known now, is left out."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    messages: int | None = Field(None, examples=[120000])
    """Of a topic: sum of its partitions' end offsets, which is how many messages were ever written to it, and markers of
    transactions, which take an offset each. Of a service: records that it has read since its start."""
    rate: float | None = Field(None, examples=[312.4])
    """Of a topic and of a producer: messages written per second, over the last quarter of a minute, from end offsets; markers
    of transactions count."""
    read: int | None = Field(None, examples=[119988])
    """Of a topic of events: how many messages the job has read, as its consumer group says with each checkpoint."""
    counted: int | None = Field(None, examples=[118000])
    """Of a topic of events: messages that were counted, in minutes that are complete."""
    duplicates: int | None = Field(None, examples=[12])
    """Of a topic of events: messages that were dropped because their id was counted before."""
    late: int | None = Field(None, examples=[3])
    """Of a topic of events: messages that came when the watermark had passed them, and are in late-events."""
    dead: int | None = Field(None, examples=[1])
    """Of a topic of events: messages that cannot be read, and are in dead-letters. Of a service: records that it has given up
    since its start."""
    watermark: Moment | None = Field(None, examples=["2026-03-01T12:00:00.000Z"])
    """Of a job: event time up to which everything has been read, of the table of events that is furthest behind."""
    watermark_behind_s: float | None = Field(None, examples=[6.2])
    """Seconds by which the watermark is behind the clock."""
    checkpoint_age_s: float | None = Field(None, examples=[0.8])
    """Of a job: seconds since its newest checkpoint was complete."""
    restarts: int | None = Field(None, examples=[0])
    """Of a job: how often it was started again within the last ten minutes."""
    tasks_running: int | None = Field(None, examples=[98])
    """Of a job: tasks that run."""
    tasks: int | None = Field(None, examples=[98])
    """Of a job: tasks that there are."""
    retries: int | None = Field(None, examples=[0])
    """Of alerting: failed attempts that another was to follow, since its start."""
    answers_within_s: float | None = Field(None, examples=[0.012])
    """Of the registry: seconds that it took to answer."""


class PipelinePart(Described):
    """One box of the map."""

    id: str = Field(examples=["topic:clickstream"])
    """Its kind and name; edges name it so."""
    title: str = Field(examples=["clickstream"])
    """Its name."""
    kind: Kind = Field(examples=["topic"])
    """What it is."""
    state: State = Field(examples=["ok"])
    """The worst of its facts; `unknown` if it does not answer, or if who knows of it does not."""
    facts: list[PartFact] = Field(default_factory=list)
    """What holds of it; of topics, what does not."""
    numbers: Numbers = Field(default_factory=Numbers)
    """What is measured of it."""
    link: str | None = Field(None, examples=["http://localhost:8081/#/job/running/9f1c/overview"])
    """Where there is more: a job in Flink's UI; null for everything else."""


class PipelineEdge(Described):
    """One arrow of the map: messages go from one part to the other."""

    source: str = Field(serialization_alias="from", examples=["topic:clickstream"])
    """Id of the part that they come from."""
    target: str = Field(serialization_alias="to", examples=["job:footfall"])
    """Id of the part that they go to."""
    rate: float | None = Field(None, examples=[312.4])
    """Messages per second over the last quarter of a minute: as they are written, or as they are read; null: not known."""
    lag: int | None = Field(None, examples=[0])
    """Messages that wait to be read: of the job, none once it has read everything; of alerting, by its consumer group, where
    the marker of the last transaction of each partition counts for ever. Null for who writes, and where nobody says."""


class PipelineMap(Described):
    """How the messages flow at one moment, from who writes events to the services that read results."""

    as_of: Moment = Field(examples=["2026-03-01T12:00:05.000Z"])
    """When it was looked at."""
    state: State = Field(examples=["ok"])
    """The worst of all facts, as in `footfall status`."""
    line: str = Field(examples=["ready: everything is fine"])
    """How things are, in one line: what `footfall status` begins with."""
    parts: list[PipelinePart] = Field(default_factory=list)
    """The boxes, those upstream first."""
    edges: list[PipelineEdge] = Field(default_factory=list)
    """The arrows."""


def document_of(found: PipelineMap) -> dict[str, Any]:
    """Return the map in JSON values, without numbers that are not known."""
    document = found.model_dump(mode="json", by_alias=True)
    for part in document["parts"]:
        part["numbers"] = {name: value for name, value in part["numbers"].items() if value is not None}
    return document
