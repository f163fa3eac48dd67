"""Publishes how far the job's results are final, beside the job's supervisor and whatever becomes of Kafka and Flink."""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

import structlog
from footfall_health.ask.offsets import Place
from footfall_schemas.topics import load_topics

from footfall_analytics.planning.script import Script
from footfall_analytics.running.progress import (
    NO_WATERMARK,
    Checkpoints,
    Claim,
    Run,
    Sample,
    are_committed,
    began_anew,
    checkpoints_of,
    claim,
    has_restarted,
    is_settled,
    lowest,
    timed_vertices,
)
from footfall_analytics.running.progress_topic import ClaimsTopic, ProgressTopic
from footfall_analytics.running.rest import FlinkRest
from footfall_analytics.settings import AnalyticsSettings

POLL = 0.5
"""Seconds between two looks."""
GIVEN_UP = 60.0
"""Seconds that a checkpoint's transactions may take."""
LAST_WORD = 2.0
"""Seconds that the end waits for a look that goes on."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Waiting:
    """What may be claimed once all can be read that was there when its checkpoint was complete."""

    claim: Claim
    ends: dict[Place, int]
    until: float
    """When it is given up: a topic that was made anew may never reach its old end."""


class ProgressPublisher:
    """A thread of its own: samples, waits for the sample's checkpoint and its transactions, and publishes.

    Args:
        name: Of the job in Flink.
        outputs: Topics that the job writes, by their whole names.
        untimed: Tables it reads that have no event time.
        connect: Opens a client of the cluster.
        topic: The topic of progress.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        name: str,
        outputs: Collection[str],
        untimed: Collection[str],
        connect: Callable[[], FlinkRest],
        topic: ClaimsTopic,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._outputs = outputs
        self._untimed = untimed
        self._connect = connect
        self._topic = topic
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="progress", daemon=True)
        self._is_away = False
        self._knows_last = False
        self._claimed: Claim | None = None
        self._run: Run | None = None
        self._run_since = 0.0
        self._is_again = False
        """Whether Flink has restarted the job since it was first seen."""
        self._sample: Sample | None = None
        self._waiting: Waiting | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; returns at once."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the end, but not for somebody who does not answer."""
        if self._thread.is_alive():
            self._thread.join(LAST_WORD)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    def _keep(self) -> None:
        with self._connect() as rest:
            while not self._stopping.is_set():
                self.try_to_look(rest)
                self._stopping.wait(POLL)

    def try_to_look(self, rest: FlinkRest) -> None:
        """Do the next thing that can be done; of errors it is only told, and of the first in a row only."""
        try:
            self.look(rest)
        except Exception as error:  # noqa: BLE001  whatever it is: the job goes on, and it may pass
            if not self._is_away:
                log.warning("progress is not published", reason=str(error) or repr(error))
            self._is_away = True
        else:
            if self._is_away:
                log.info("progress is published again")
            self._is_away = False

    def look(self, rest: FlinkRest) -> None:
        """Do the next thing that can be done.

        Raises:
            FlinkUnavailableError: Flink does not answer.
            KafkaException: The broker does not answer.
            TransientError: The broker or the registry does not answer.
        """
        if not self._knows_last:
            self._claimed, self._knows_last = self._topic.last(), True
        job = next((job for job in rest.jobs(self._name) if job.state == "RUNNING"), None)
        if job is None:
            return
        found = checkpoints_of(job.id, rest.checkpoints(job.id))
        if found.run != self._run:
            self._is_again = self._run is not None and self._run[0] == found.run[0]
            self._run, self._run_since, self._sample = found.run, self._clock(), None
        if self._claimed and began_anew(self._claimed, found):
            self._withdraw()
        if self._waiting:
            self._publish_when_committed(self._waiting)
        elif self._sample and (new := claim(self._sample, found)):
            # Every row of the checkpoint lies before these ends: it was written before the checkpoint was complete.
            ends = self._topic.ends(self._outputs, committed=False)
            self._waiting, self._sample = Waiting(new, ends, self._clock() + GIVEN_UP), None
        elif not self._sample and job.is_up:
            self._sample = self._take(rest, found)

    def _take(self, rest: FlinkRest, found: Checkpoints) -> Sample | None:
        job_id, _ = found.run
        details = rest.details(job_id)
        is_again = self._is_again or has_restarted(details)
        if not is_settled(found, self._clock() - self._run_since, has_restarted=is_again):
            return None
        watermarks: list[int] = []
        for vertex, subtasks in timed_vertices(details, self._untimed).items():
            watermark = lowest(rest.watermarks(job_id, vertex), subtasks)
            # One request for all that did not get on.
            if watermark is None or watermark <= (self._claimed.watermark if self._claimed else NO_WATERMARK):
                return None
            watermarks.append(watermark)
        # Its clock is asked for last: what is triggered after that is triggered after all of the answers.
        return Sample(found.run, min(watermarks), rest.details(job_id)["now"]) if watermarks else None

    def _publish_when_committed(self, waiting: Waiting) -> None:
        if are_committed(waiting.ends, self._topic.ends(self._outputs, committed=True)):
            self._topic.publish(waiting.claim)
            self._claimed, self._waiting = waiting.claim, None
        elif self._clock() > waiting.until:
            self._waiting = None

    def _withdraw(self) -> None:
        log.warning("the job began anew from older state: what was said of its progress does not hold any more")
        self._topic.publish(None)
        self._claimed = self._sample = self._waiting = None


def progress_of(settings: AnalyticsSettings, script: Script) -> ProgressPublisher:
    """Return what publishes the progress of a job.

    Args:
        settings: Settings of analytics.
        script: The planned job.
    """
    names = {topic.view: settings.topic_prefix + topic.name for topic in load_topics().values()}
    return ProgressPublisher(
        settings.name_in_flink,
        outputs=[names[view] for view in script.inserts],
        untimed={name for name, sql in script.tables.items() if "WATERMARK FOR" not in sql},
        connect=partial(FlinkRest, settings.flink_rest_url),
        topic=ProgressTopic(settings, settings.name_in_flink),
    )
