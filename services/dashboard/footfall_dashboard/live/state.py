"""How far a panel can be relied upon, and the one sentence why not. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from footfall_dashboard.live.info import PanelInfo
from footfall_dashboard.live.panel import Judgement
from footfall_dashboard.live.store import Rows
from footfall_dashboard.live.view import Drawn, Range, View

QUIET_WITHOUT_PROGRESS = timedelta(minutes=3)
"""After which a stream that says no progress is taken to stand still: a minute's rows come once in a minute."""
CATCHING_UP = timedelta(minutes=3)
"""Behind the clock a job is that reads what has been waiting: nothing there may mean not yet."""
LEAST_SILENCE = timedelta(minutes=1)
CHECKPOINTS = 3
"""So many checkpoints may be missed."""


class Phase(StrEnum):
    """How far the reading of one topic is."""

    MISSING = "missing"
    LOADING = "loading"
    FOLLOWING = "following"


@dataclass(frozen=True)
class Reading:
    """How the reading of topics goes.

    Args:
        phases: Of each topic.
        heard: When something was last read of each topic.
        refused: Topics that Kafka does not let us read, and what it says.
        away: Since when Kafka has not answered; None: it answers.
        trouble: What else keeps rows from being read, one sentence.
        trouble_since: Since when.
        checkpoint_interval: Time between the job's checkpoints.
    """

    phases: Mapping[str, Phase] = field(default_factory=dict)
    heard: Mapping[str, datetime] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    away: datetime | None = None
    trouble: str | None = None
    trouble_since: datetime | None = None
    checkpoint_interval: timedelta = timedelta(seconds=1)

    def silence(self) -> timedelta:
        """Return after what time without a checkpoint a job stands still."""
        return max(CHECKPOINTS * self.checkpoint_interval, LEAST_SILENCE)


def judge(info: PanelInfo, view: View, reading: Reading, drawn: Drawn) -> Judgement:
    """Return how far a panel can be relied upon."""
    missing = _missing_of(info, reading)
    if (outlook := outlook_of(info, view, reading)) and not (outlook.state == "empty" and drawn.rows):
        return outlook
    if not drawn.rows:
        return Judgement("empty", _nothing(info, view))
    return Judgement("live", _note(info, view, drawn, missing))


def outlook_of(info: PanelInfo, view: View, reading: Reading) -> Judgement | None:
    """Return what keeps a panel's rows from coming, whatever is there already; None: nothing does."""
    if reading.away:
        why = f"Kafka has not answered since {clock(reading.away)}; the page goes on by itself when it does."
        return Judgement("stale", why, reading.away)
    if reading.trouble:
        return Judgement("stale", reading.trouble, reading.trouble_since)
    if refused := [reading.refused[topic] for topic in info.topics if topic in reading.refused]:
        return Judgement("stale", f"{refused[0]}.")
    if loading := [topic for topic in info.topics if reading.phases.get(topic, Phase.LOADING) is Phase.LOADING]:
        return Judgement("loading", f"Reading {listed(loading)}.")
    missing = _missing_of(info, reading)
    if len(missing) < len(info.topics) and (standing := _standing(info, view, reading)):
        return standing
    return Judgement("empty", _missing(missing)) if missing else None


def _missing_of(info: PanelInfo, reading: Reading) -> list[str]:
    return [topic for topic in info.topics if reading.phases.get(topic) is Phase.MISSING]


def clock(time: datetime) -> str:
    """Return a time as people read it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def listed(names: Collection[str]) -> str:
    """Return names with commas and an and."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _missing(topics: Collection[str]) -> str:
    has = "has no topic" if len(topics) == 1 else "has no topics"
    return f"Kafka {has} {listed(topics)}: start analytics, and let ANALYTICS_VIEWS publish it."


def _standing(info: PanelInfo, view: View, reading: Reading) -> Judgement | None:
    """Return that nothing new can be expected, None while it can."""
    if view.asked != Range():
        # The past is what it is, whoever stands still now.
        return None
    if jobs := view.jobs(info):
        slowest = min(jobs, key=lambda job: job.completed_at)
        if view.now - slowest.completed_at <= reading.silence():
            return None
        since = slowest.completed_at
        what = f"Job {slowest.job} has completed no checkpoint since {clock(since)}"
        return Judgement("stale", f"{what}, so nothing new can come; `footfall status` says what is wrong.", since)
    heard = [time for topic in info.topics if (time := reading.heard.get(topic))]
    if not heard or view.now - max(heard) <= QUIET_WITHOUT_PROGRESS:
        return None
    since = max(heard)
    what = f"Nothing has been written to {listed(info.topics)} since {clock(since)}"
    return Judgement("stale", f"{what}; `footfall status` says whether the analytics run.", since)


def _nothing(info: PanelInfo, view: View) -> str:
    if view.asked != Range():
        return f"No {info.nothing} in this range."
    match info.range:
        case "last hour":
            what = f"No {info.nothing} in the last hour"
        case "today":
            what = f"No {info.nothing} today ({view.zone.key} time)"
        case _:
            what = f"No {info.nothing} yet"
    if jobs := view.jobs(info):
        reached = min(job.watermark for job in jobs)
        if view.now - reached > CATCHING_UP:
            return f"{what} as far as events have been read, which is up to {clock(reached)}."
    elif view.has_nothing():
        return f"{what}: no result has been computed so far."
    fronts = [rows.front for rows in _rows(info, view) if rows.front]
    return f"{what}; the newest was before {clock(max(fronts))}." if fronts else f"{what}."


def _note(info: PanelInfo, view: View, drawn: Drawn, missing: Collection[str]) -> str | None:
    if missing:
        return f"Not all of it: {_missing(missing)}"
    for rows in _rows(info, view):
        if rows.dropped and (rows.stream.time is None or _begins_before(rows, drawn)):
            return (
                f"Not all of it: {rows.stream.topic} has more rows than DASHBOARD_MAX_ROWS, so the oldest are left out."
            )
        if _begins_before(rows, drawn) and view.asked != Range():
            return f"Not all of it: rows before {clock(rows.cut or view.now)} are not in memory any more."
    return drawn.note


def _begins_before(rows: Rows, drawn: Drawn) -> bool:
    return bool(drawn.begin and rows.cut and drawn.begin < rows.cut)


def _rows(info: PanelInfo, view: View) -> list[Rows]:
    return [view.store.named(topic) for topic in info.topics]
