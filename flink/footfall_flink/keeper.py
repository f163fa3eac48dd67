"""Keeps exactly one job running: submits it, watches it, submits it again from its newest snapshot when it is gone."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import structlog

from footfall_flink.launch import Submission, SubmitError
from footfall_flink.options import job_options
from footfall_flink.plan import Script
from footfall_flink.rest import FlinkRest, FlinkUnavailableError, Job
from footfall_flink.settings import AnalyticsSettings
from footfall_flink.snapshots import newest_snapshot, prune_snapshots

POLL = 1.0
"""Seconds between two looks at the cluster."""
STOP_TIMEOUT = 50.0
"""Seconds a stop with savepoint may take before the job is cancelled; its last checkpoint remains."""
LONGEST_PAUSE = 30.0
"""Seconds between two submissions that fail."""

log = structlog.get_logger()

Action: TypeAlias = Literal["submit", "wait", "watch", "cancel_newer"]


def decide(jobs: list[Job], *, free_slots: int, needed_slots: int) -> Action:
    """Say what the state of the cluster asks for; `jobs` are those of Footfall's name, oldest first."""
    alive = [job for job in jobs if job.is_alive]
    if len(alive) > 1:
        return "cancel_newer"
    if alive:
        return "watch"
    return "submit" if free_slots >= needed_slots else "wait"


class Keeper:
    """Runs until `stopping` is set, then stops the job with a savepoint.

    Args:
        settings: Where the cluster and the job's state are.
        script: The planned job.
        rest: The cluster.
        ready_file: Written when every task runs; removed when they do not.
    """

    def __init__(
        self, settings: AnalyticsSettings, script: Script, rest: FlinkRest, ready_file: Path | None = None
    ) -> None:
        self._settings = settings
        self._script = script
        self._rest = rest
        self._ready_file = ready_file
        self._ready = False
        self._pruned_for = ""
        self._failures = 0
        self._submission: Submission | None = None
        self.stopping = threading.Event()

    def prepare(self) -> None:
        """Begin planning before anything else is up; `run` finds it done. Does nothing when a job runs already."""
        with suppress(FlinkUnavailableError):
            if any(job.is_alive for job in self._rest.jobs(self._settings.job_name)):
                return
        self._submission = self._plan()

    def run(self) -> None:
        """Keep the job until `stopping` is set."""
        self._announce(ready=False)
        while not self.stopping.is_set():
            pause = POLL
            try:
                self._step()
                self._failures = 0
            except FlinkUnavailableError as error:
                self._announce(ready=False)
                log.warning("flink does not answer", error=str(error))
            except SubmitError as error:
                self._failures += 1
                pause = min(2.0**self._failures, LONGEST_PAUSE)
                log.error("job not accepted", reason=str(error), next_try_in_seconds=pause)  # noqa: TRY400
            self.stopping.wait(pause)
        self._stop()

    def _step(self) -> None:
        jobs = self._rest.jobs(self._settings.job_name)
        # With one slot sharing group the job takes as many slots as its widest operator has subtasks.
        needed = max(self._settings.parallelism, self._settings.source_parallelism)
        match decide(jobs, free_slots=self._rest.free_slots(), needed_slots=needed):
            case "submit":
                self._announce(ready=False)
                self._explain_end(jobs)
                self._submit()
            case "watch":
                self._watch(next(job for job in jobs if job.is_alive))
            case "cancel_newer":
                for job in [job for job in jobs if job.is_alive][1:]:
                    log.error("second job of the same name cancelled", job=job.id)
                    self._rest.cancel(job.id)
            case "wait":
                self._announce(ready=False)

    def _plan(self) -> Submission:
        restore = newest_snapshot(self._settings.state_dir)
        log.info("planning the job", restore=str(restore) if restore else None)
        options = job_options(self._settings, restore=restore)
        return Submission(self._settings, self._script, options, self._settings.state_dir / "plan.json")

    def _submit(self) -> None:
        submission, self._submission = self._submission or self._plan(), None
        started = time.monotonic()
        job_id = submission.execute()
        self._assert_checkpointing(job_id)
        log.info("job submitted", job=job_id, seconds=round(time.monotonic() - started, 1))

    def _assert_checkpointing(self, job_id: str) -> None:
        config = self._rest.checkpoint_config(job_id)
        wanted = self._settings.checkpoint_interval.total_seconds() * 1000
        if config.get("mode") != "exactly_once" or config.get("interval") != wanted:
            self._rest.cancel(job_id)
            raise SubmitError(f"checkpointing is {config.get('mode')} every {config.get('interval')} ms: job cancelled")

    def _watch(self, job: Job) -> None:
        self._announce(ready=job.is_up)
        if job.is_up and self._pruned_for != job.id and self._rest.completed_checkpoints(job.id):
            prune_snapshots(self._settings.state_dir, job.id)
            self._pruned_for = job.id

    def _explain_end(self, jobs: list[Job]) -> None:
        if jobs:
            last = jobs[-1]
            log.warning("job ended", job=last.id, state=last.state, reason=self._rest.root_exception(last.id))

    def _announce(self, *, ready: bool) -> None:
        if ready and not self._ready:
            log.info("job running")
        self._ready = ready
        if self._ready_file and ready:
            self._ready_file.touch()
        elif self._ready_file:
            self._ready_file.unlink(missing_ok=True)

    def _stop(self) -> None:
        self._announce(ready=False)
        if self._submission:
            self._submission.discard()
        try:
            for job in self._rest.jobs(self._settings.job_name):
                if job.is_alive:
                    self._stop_one(job)
        except FlinkUnavailableError as error:
            log.warning("job not stopped, its newest checkpoint remains", error=str(error))

    def _stop_one(self, job: Job) -> None:
        request = self._rest.stop(job.id, self._settings.state_dir / "savepoints")
        deadline = time.monotonic() + STOP_TIMEOUT
        while time.monotonic() < deadline:
            outcome = self._rest.stop_outcome(job.id, request)
            if outcome and "location" in outcome:
                log.info("job stopped", savepoint=outcome["location"])
                return
            if outcome:
                break
            time.sleep(0.2)
        log.warning("no savepoint, cancelling; the newest checkpoint remains", job=job.id)
        self._rest.cancel(job.id)
