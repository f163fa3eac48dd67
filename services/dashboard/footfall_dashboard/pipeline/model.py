"""Draws the map of one look. Pure: what is right and wrong has been judged by `footfall_health`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from footfall_chassis.described import moment
from footfall_health.facts import Fact, Level, headline, worst
from footfall_health.observed import Accounts, Broker, Cluster, Job, Observation, Partition, Service, Silence, Totals
from footfall_health.sources import read_of, sources_of, unread_of, waiting_of
from footfall_health.watched import Watched
from footfall_schemas.topics import load_topics

from footfall_dashboard.pipeline import services
from footfall_dashboard.pipeline.document import Numbers, PartFact, PipelineEdge, PipelineMap, PipelinePart, State
from footfall_dashboard.pipeline.rates import Counted, Counter

STATES: Mapping[Level, State] = {"ok": "ok", "warning": "warning", "wrong": "error"}
KAFKA, REGISTRY = "service:kafka", "service:registry"


@dataclass
class Wiring:
    """What each job reads and writes, by its name, as Flink said when it last did."""

    tables: dict[str, frozenset[str]] = field(default_factory=dict)
    views: dict[str, frozenset[str]] = field(default_factory=dict)

    def learn(self, seen: Observation) -> None:
        """Take in what Flink says of jobs whose tasks run."""
        for job in seen.flink.jobs if isinstance(seen.flink, Cluster) else ():
            if job.reads:
                self.tables[job.name], self.views[job.name] = job.reads, job.writes


@dataclass(frozen=True)
class Look:
    """Everything that one map is drawn from."""

    seen: Observation
    facts: Sequence[Fact]
    watched: Watched
    rates: Mapping[Counter, float] = field(default_factory=dict)
    wiring: Wiring = field(default_factory=Wiring)
    prefix: str = ""
    """What the names of all topics begin with."""
    flink_ui: str = ""
    """Where people see Flink's own pages."""


def draw(look: Look) -> PipelineMap:
    """Return the map."""
    facts = _by_part(look)
    parts = [
        _producer(look),
        *(_topic(look, topic, facts) for topic in (*look.watched.inputs, *look.watched.versions)),
        *(_job(look, name, facts) for name in look.watched.jobs),
        *(_topic(look, topic, facts) for topic in look.watched.outputs),
        *(_service(look, name, facts) for name in sorted(look.watched.services)),
        *_servers(look, facts),
    ]
    return PipelineMap(
        as_of=moment(look.seen.at),
        state=STATES[worst(look.facts)],
        line=headline(look.facts),
        parts=parts,
        edges=list(_edges(look)),
    )


def _by_part(look: Look) -> dict[str, list[Fact]]:
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in look.facts:
        for part in _parts_of(fact, look):
            found[part].append(fact)
    return found


def _parts_of(fact: Fact, look: Look) -> list[str]:
    """Return the ids of the parts that a fact is about."""
    jobs = [f"job:{name}" for name in look.watched.jobs]
    match fact.name:
        case "kafka":
            return [KAFKA]
        case "registry" | "schema ids":
            return [REGISTRY]
        case "service":
            return [f"service:{fact.about}"]
        case "flink" | "taskmanagers":
            return jobs
        case "job" | "restarts" | "checkpoint":
            return [f"job:{fact.about}"]
        case "watermark":
            return [f"job:{name}" for name, tables in look.wiring.tables.items() if fact.about in tables] or jobs
        case "accounts":
            return [f"topic:{look.watched.accounts}"]
        case "open transactions" if not fact.about:
            return [KAFKA]
        case "unread" | "open transactions" | "late" | "dead letters":
            return [f"topic:{fact.about}"]
        case _:
            return []


def _producer(look: Look) -> PipelinePart:
    """Return who writes the events: nobody asks it, what it writes tells of it."""
    topics = services.topics_of(look.prefix, services.PRODUCER, "write")
    rates = [rate for (kind, name), rate in look.rates.items() if kind == "written" and name in topics]
    return PipelinePart(
        id=f"producer:{services.PRODUCER}",
        title=services.PRODUCER,
        kind="producer",
        state="ok" if rates else "unknown",
        numbers=Numbers(rate=round(sum(rates), 1) if rates else None),
    )


def _topic(look: Look, topic: str, facts: Mapping[str, Sequence[Fact]]) -> PipelinePart:
    ends = [each.end for each in _partitions(look, topic)]
    numbers = Numbers(messages=sum(ends) if ends else None, rate=_rate(look, "written", topic))
    if topic in look.watched.inputs:
        totals = next((each for each in _totals(look) if each.topic == topic), None)
        numbers = numbers.model_copy(
            update={"read": read_of(look.seen.broker).get(topic) if isinstance(look.seen.broker, Broker) else None}
            | {name: getattr(totals, name, None) for name in ("counted", "duplicates", "late", "dead")}
        )
    known = facts.get(f"topic:{topic}", [])
    part = PipelinePart(
        id=f"topic:{topic}",
        title=topic.removeprefix(look.prefix),
        kind="topic",
        state=STATES[worst(known)],
        facts=[_told(fact) for fact in known if fact.level != "ok"],
        numbers=numbers,
    )
    if isinstance(look.seen.broker, Silence):
        return _unknown(part, [fact for fact in look.facts if fact.name == "kafka"])
    if not ends:
        missing = PartFact(
            severity="unknown",
            text=f"topic {topic} is not on the broker",
            cure="wait for who creates it: analytics, or the generator for events",
        )
        return part.model_copy(update={"state": "unknown", "facts": [*part.facts, missing]})
    return part


def _job(look: Look, name: str, facts: Mapping[str, Sequence[Fact]]) -> PipelinePart:
    known = facts.get(f"job:{name}", [])
    cluster, at = look.seen.flink, look.seen.at
    job = next((each for each in cluster.jobs if each.name == name), None) if isinstance(cluster, Cluster) else None
    part = PipelinePart(
        id=f"job:{name}",
        title=name,
        kind="job",
        state=STATES[worst(known)],
        facts=[_told(fact) for fact in known],
        numbers=_of_job(look, job, at) if job else Numbers(),
        link=f"{look.flink_ui.rstrip('/')}/#/{f'job/running/{job.id}/overview' if job else 'overview'}",
    )
    return _unknown(part, [fact for fact in known if fact.name == "flink"]) if isinstance(cluster, Silence) else part


def _of_job(look: Look, job: Job, at: float) -> Numbers:
    events = set(look.watched.inputs.values()) & job.reads
    sources = [source for table, source in sources_of(look.seen).items() if table in events]
    # Of a table in which nothing has happened yet nobody can tell how far it has come.
    watermark = min((each.watermark for each in sources if each.watermark is not None), default=None)
    recent = look.watched.limits.recent.total_seconds()
    return Numbers(
        watermark=None if watermark is None else moment(watermark),
        watermark_behind_s=None if watermark is None else round(at - watermark, 1),
        checkpoint_age_s=None if job.completed is None else round(at - job.completed, 1),
        restarts=sum(at - failure.at <= recent for failure in job.failures),
        tasks_running=job.running,
        tasks=job.total,
    )


def _service(look: Look, name: str, facts: Mapping[str, Sequence[Fact]]) -> PipelinePart:
    known, found = facts.get(f"service:{name}", []), look.seen.services.get(name)
    part = PipelinePart(
        id=f"service:{name}",
        title=name,
        kind="service",
        state=STATES[worst(known)],
        facts=[_told(fact) for fact in known],
        numbers=Numbers(
            messages=_counted(found, services.READ.get(name)),
            dead=_counted(found, services.DEAD.get(name)),
            retries=_counted(found, services.RETRIES.get(name)),
        ),
    )
    return _unknown(part, known) if isinstance(found, Silence) else part


def _servers(look: Look, facts: Mapping[str, Sequence[Fact]]) -> Iterator[PipelinePart]:
    asked = {KAFKA: look.seen.broker, REGISTRY: look.seen.registry}
    for part_id, found in asked.items():
        if found is None:
            continue
        known = facts.get(part_id, [])
        part = PipelinePart(
            id=part_id,
            title=part_id.partition(":")[2],
            kind="service",
            state=STATES[worst(known)],
            facts=[_told(fact) for fact in known],
            numbers=Numbers(answers_within_s=round(found, 3) if isinstance(found, float) else None),
        )
        yield _unknown(part, known) if isinstance(found, Silence) else part


def _edges(look: Look) -> Iterator[PipelineEdge]:
    watched, prefix, unread = look.watched, look.prefix, unread_of(look.seen, look.watched)
    for topic in sorted(services.topics_of(prefix, services.PRODUCER, "write") & {*watched.inputs, *watched.versions}):
        yield _edge(f"producer:{services.PRODUCER}", f"topic:{topic}", _rate(look, "written", topic))
    read_by = {**watched.inputs, **watched.versions}
    for job, tables in look.wiring.tables.items():
        for topic in (topic for topic, table in read_by.items() if table in tables):
            yield _edge(f"topic:{topic}", f"job:{job}", _rate(look, "read", topic), unread.get(topic))
    topics = {prefix + topic.name: topic.view for topic in load_topics().values()}
    for job, views in look.wiring.views.items():
        for topic in (topic for topic in watched.outputs if topics.get(topic) in views):
            yield _edge(f"job:{job}", f"topic:{topic}", _rate(look, "written", topic))
    for name in sorted(watched.services):
        for topic in sorted(services.topics_of(prefix, name, "read") & set(watched.outputs)):
            commits = name in services.GROUPS
            rate = _rate(look, "read", topic) if commits else _rate(look, "service", name)
            yield _edge(f"topic:{topic}", f"service:{name}", rate, _lag(look, topic) if commits else None)


def _edge(source: str, target: str, rate: float | None, lag: int | None = None) -> PipelineEdge:
    return PipelineEdge(source=source, target=target, rate=rate, lag=lag)


def _lag(look: Look, topic: str) -> int | None:
    partitions = _partitions(look, topic)
    return waiting_of(partitions) if any(each.read is not None for each in partitions) else None


def _rate(look: Look, kind: Counted, name: str) -> float | None:
    rate = look.rates.get((kind, name))
    return None if rate is None else round(rate, 1)


def _partitions(look: Look, topic: str) -> list[Partition]:
    partitions = look.seen.broker.partitions if isinstance(look.seen.broker, Broker) else ()
    return [each for each in partitions if each.topic == topic]


def _totals(look: Look) -> tuple[Totals, ...]:
    return look.seen.accounts.now if isinstance(look.seen.accounts, Accounts) else ()


def _counted(found: Service | Silence | None, metric: str | None) -> int | None:
    number = found.numbers.get(metric) if isinstance(found, Service) and metric else None
    return None if number is None else int(number)


def _unknown(part: PipelinePart, why: Sequence[Fact]) -> PipelinePart:
    """Return the part as one of which nobody can tell, with the facts that say so."""
    return part.model_copy(update={"state": "unknown", "facts": [_told(fact) for fact in why]})


def _told(fact: Fact) -> PartFact:
    return PartFact(
        severity=STATES[fact.level],
        text=f"{fact.subject}: {fact.detail}",
        cure=fact.cure,
        since=None if fact.since is None else moment(fact.since),
    )
