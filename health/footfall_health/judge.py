"""All facts of one observation. Pure but for the memory that is handed in."""

from collections.abc import Iterator

from footfall_health import parts, topics
from footfall_health.facts import Fact
from footfall_health.job import facts_of_flink
from footfall_health.memory import Memory
from footfall_health.observed import Broker, Cluster, Observation
from footfall_health.sources import awaited_ids, read_of, sources_of, unread, version_watermarks, watermarks
from footfall_health.watched import Watched


def judge(seen: Observation, watched: Watched, memory: Memory) -> list[Fact]:
    """Return every fact, each that is not ok with the moment since when.

    Args:
        seen: What was observed.
        watched: What was to be there.
        memory: Of the looks before, which takes in this one.
    """
    return memory.dated(_facts(seen, watched, memory), seen.at)


def _facts(seen: Observation, watched: Watched, memory: Memory) -> Iterator[Fact]:
    yield from parts.processes(seen.processes, seen.at)
    if seen.broker is not None:
        yield topics.answers(seen.broker, watched.servers)
    if seen.registry is not None:
        yield parts.registry(seen.registry, watched.registry)
    yield from parts.services(seen.services)
    if seen.flink is not None:
        yield from facts_of_flink(seen.flink, watched, seen.at)
    if isinstance(seen.flink, Cluster):
        yield from watermarks(seen, watched)
        yield from version_watermarks(seen, watched)
    if isinstance(seen.broker, Broker):
        yield from _facts_of_topics(seen.broker, seen, watched, memory)
    yield from awaited_ids(seen)


def _facts_of_topics(broker: Broker, seen: Observation, watched: Watched, memory: Memory) -> Iterator[Fact]:
    yield from topics.open_transactions(broker, watched, _completed(seen), seen.at)
    if watched.jobs:
        stood = memory.stood(broker, watched, seen.at)
        yield from unread(broker, sources_of(seen), watched, stood, seen.at)
    if seen.accounts is not None:
        yield from topics.shares(seen.accounts, read_of(broker), watched)


def _completed(seen: Observation) -> float | None:
    """Return when the newest checkpoint of the job that is furthest behind was complete."""
    if not isinstance(seen.flink, Cluster):
        return None
    return min((job.completed for job in seen.flink.jobs if job.completed is not None), default=None)
