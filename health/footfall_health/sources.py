"""Facts of what jobs read: how far event time has come, what waits, what is awaited. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from footfall_health.facts import Fact, graded, spell
from footfall_health.observed import Broker, Cluster, Observation, Partition, Service, Source
from footfall_health.watched import Watched

STUCK = 60.0
"""Seconds without a message read, though there are some, after which a topic stands still."""
AWAITED = 30.0
"""Seconds after which an id that the registry does not answer for is more than a hiccup."""
_END_IT = "end the transaction: docs/operations.md#a-transaction-stays-open"


def sources_of(seen: Observation) -> dict[str, Source]:
    """Return the jobs' sources by their tables; of two jobs that read the same one, that which is behind."""
    found: dict[str, Source] = {}
    for source in _all_sources(seen):
        other = found.setdefault(source.table, source)
        if (source.watermark or 0.0) < (other.watermark or 0.0):
            found[source.table] = source
    return found


def watermarks(seen: Observation, watched: Watched) -> Iterator[Fact]:
    """Yield how far each table of events has come, of those that a job reads."""
    sources, at = sources_of(seen), seen.at
    for table in sorted(_read_tables(seen) & set(watched.inputs.values())):
        source = sources.get(table)
        if source is None:
            yield Fact("watermark", table, "warning", "Flink does not report it yet", "wait; then check the job")
        elif source.watermark is None:
            yield _without(source)
        else:
            yield _watermark(source, source.watermark, watched, at)


def version_watermarks(seen: Observation, watched: Watched) -> Iterator[Fact]:
    """Yield how far each table of versions has been read, of those that a job reads: whoever joins it waits for that."""
    sources = sources_of(seen)
    for table in sorted(sources.keys() & set(watched.versions.values())):
        yield _versions(sources[table], watched, seen.at)


def awaited_ids(seen: Observation) -> Iterator[Fact]:
    """Yield one fact for each id that somebody waits for, or that nobody does."""
    who: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for source in _all_sources(seen):
        who[f"source {source.table}"] |= source.awaited
    who |= {name: dict(service.awaited) for name, service in seen.services.items() if isinstance(service, Service)}
    waiting = [(name, number, since) for name, ids in sorted(who.items()) for number, since in sorted(ids.items())]
    if not waiting:
        yield Fact("schema ids", "", "ok", "none is awaited")
    for name, number, since in waiting:
        yield Fact(
            "schema ids",
            f"{number} ({name})",
            graded(seen.at - since, warning=0, wrong=AWAITED),
            f"{name} waits for the schema with id {number}: the registry does not answer for it",
            "start the registry again, or correct its login; waiting messages are read then",
            since,
        )


def unread(
    broker: Broker, sources: Mapping[str, Source], watched: Watched, stood: Mapping[str, float], at: float
) -> Iterator[Fact]:
    """Yield what waits to be read.

    Args:
        broker: The partitions.
        sources: What reads them.
        watched: Which topics are inputs.
        stood: Since when the job has read nothing of a topic that has something to read.
        at: Now.
    """
    for topic, (waiting, is_read) in _unread(broker, sources, watched).items():
        since = None if is_read else stood.get(topic)
        level = "ok" if since is None else graded(at - since, warning=STUCK / 2, wrong=STUCK)
        if level == "ok":
            yield Fact("unread", topic, "ok", f"{waiting:,} messages", value=waiting)
        else:
            yield Fact(
                "unread",
                topic,
                level,
                f"{waiting:,} messages wait and none has been read for {spell(at - (since or at))}",
                "docs/operations.md#results-come-no-more-or-late",
                since,
                waiting,
            )


def unread_of(seen: Observation, watched: Watched) -> dict[str, int]:
    """Return how many messages of each topic of events wait to be read; none if the broker does not say."""
    if not isinstance(seen.broker, Broker):
        return {}
    return {topic: waiting for topic, (waiting, _) in _unread(seen.broker, sources_of(seen), watched).items()}


def waiting_of(partitions: Iterable[Partition]) -> int:
    """Return how many messages wait to be read in partitions of which the job has said where it stands."""
    return sum(max(each.end - each.read, 0) for each in partitions if each.read is not None)


def read_of(broker: Broker) -> dict[str, int]:
    """Return how many messages of each topic the job has read, as its consumer group says."""
    read: defaultdict[str, int] = defaultdict(int)
    for partition in broker.partitions:
        if partition.read is not None:
            read[partition.topic] += partition.read
    return dict(read)


def _unread(broker: Broker, sources: Mapping[str, Source], watched: Watched) -> dict[str, tuple[int, bool]]:
    """Return how many messages of each topic of events wait, and whether its table has been read to the end."""
    sizes: defaultdict[str, int] = defaultdict(int)
    for partition in broker.partitions:
        sizes[watched.inputs.get(partition.topic, "")] += 1
    found = {}
    for topic, table in watched.inputs.items():
        source = sources.get(table)
        # Behind the last message there may be the marker of a transaction, which is never read.
        is_read = source is not None and source.quiet >= sizes[table]
        waiting = waiting_of(partition for partition in broker.partitions if partition.topic == topic)
        found[topic] = 0 if is_read else waiting, is_read
    return found


def _all_sources(seen: Observation) -> list[Source]:
    return [source for job in seen.flink.jobs for source in job.sources] if isinstance(seen.flink, Cluster) else []


def _read_tables(seen: Observation) -> set[str]:
    return {table for job in seen.flink.jobs for table in job.reads} if isinstance(seen.flink, Cluster) else set()


def _versions(source: Source, watched: Watched, at: float) -> Fact:
    cure = "check `open transactions` and `schema ids`; otherwise wait"
    if source.watermark is None and not source.holding:
        return Fact("watermark", source.table, "ok", "has no partitions yet")
    if source.watermark is None:
        detail = "has not been read to its end since the job's start; what is joined with it waits"
        return Fact("watermark", source.table, "warning", detail, cure)
    behind, limit = at - source.watermark, watched.limits.behind.total_seconds()
    level = graded(behind, warning=limit / 5, wrong=limit)
    detail = f"is read as of {spell(behind)} ago"
    if level == "ok":
        return Fact("watermark", source.table, "ok", detail, value=behind)
    told = f"{detail}; what is joined with it waits"
    return Fact("watermark", source.table, level, told, cure, source.watermark, behind)


def _without(source: Source) -> Fact:
    if source.holding and source.slowest:
        detail = f"waits for {source.slowest} (and {source.holding - 1} more), which has not been read to its end"
        cure = "wait as long as unread messages decrease"
        if source.behind_open_transactions:
            detail, cure = f"{detail}; {source.behind_open_transactions} are behind an open transaction", _END_IT
        return Fact("watermark", source.table, "warning", detail, cure)
    return Fact("watermark", source.table, "ok", "no event has come yet")


def _watermark(source: Source, watermark: float, watched: Watched, at: float) -> Fact:
    behind = at - watermark
    limit = watched.limits.behind.total_seconds()
    level = graded(behind, warning=watched.quiet + limit / 5, wrong=watched.quiet + limit)
    detail = f"{spell(behind)} behind the clock"
    if level == "ok":
        return Fact("watermark", source.table, "ok", detail, value=behind)
    cure = "wait as long as unread messages decrease"
    if source.slowest:
        detail += f"; it waits for partition {source.slowest}"
        cure += "; otherwise check who writes to that partition"
    if source.holding:
        detail += f"; {source.holding} partitions are not read to their ends"
    if source.behind_open_transactions:
        detail += f"; {source.behind_open_transactions} are behind an open transaction"
        cure = _END_IT
    return Fact("watermark", source.table, level, detail, cure, watermark + watched.quiet, behind)
