"""Keeps exactly one job running: submits it, watches it, submits it again from its newest snapshot when it is gone."""

import re
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import structlog

from footfall_analytics.compiling.submission import HopelessError, Submission, SubmitError
from footfall_analytics.planning.script import Script
from footfall_analytics.running.rest import FlinkRest, FlinkUnavailableError, Job
from footfall_analytics.running.snapshots import keep_only, plan_file, plan_of, restore_point
from footfall_analytics.settings import AnalyticsSettings

POLL = 1.0
"""Seconds between two looks at the cluster."""
STOP_TIMEOUT = 50.0
"""Seconds a stop with savepoint may take before the job is cancelled; its last checkpoint remains."""
LONGEST_PAUSE = 30.0
"""Seconds between two submissions that fail."""
GONE_AFTER = 3
"""Looks without an answer after which the cluster is taken to come back without the job."""
_UNFIT = re.compile(
    r"Cannot map checkpoint|StateMigrationException|from any of the \d+ provided restore options|"
    r"(checkpoint|savepoint)[^\n]*(magic number|metadata)|_metadata|Could not (find|load|read)[^\n]*(checkpoint|savepoint)"
)
"""What Flink says when a job cannot take over the state it is given."""

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


def is_unfit(reason: str) -> bool:
    """Tell whether a job ended because it could not take over the state it was given."""
    return bool(_UNFIT.search(reason))


class JobSupervisor:
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
        self._silences = 0
        self._submission: Submission | None = None
        self._restore: Path | None = None
        self._job_id = ""
        self._shown = False
        """Whether the cluster has had the job of that id."""
        self._untried = False
        """Whether the job of that id has still to show that it can take over the state."""
        self.stopping = threading.Event()

    def prepare(self) -> None:
        """Begin planning before anything else is up; `run` finds it done. Does nothing when a job runs already.

        Raises:
            StateLostError: The job's state is not there any more.
        """
        with suppress(FlinkUnavailableError):
            if any(job.is_alive for job in self._rest.jobs(self._settings.name_in_flink)):
                return
        self._submission = self._plan()

    def run(self) -> None:
        """Keep the job until `stopping` is set.

        Raises:
            HopelessError: The job cannot be started as it is.
            StateLostError: The job's state is not there any more.
        """
        self._announce(ready=False)
        while not self.stopping.is_set():
            pause = POLL
            try:
                self._step()
                self._failures = self._silences = 0
            except FlinkUnavailableError as error:
                self._announce(ready=False)
                log.warning("flink does not answer", error=str(error))
                self._plan_meanwhile()
            except SubmitError as error:
                self._failures += 1
                pause = min(2.0**self._failures, LONGEST_PAUSE)
                log.error("job not accepted", reason=str(error), next_try_in_seconds=pause)  # noqa: TRY400
            self.stopping.wait(pause)
        self._stop()

    def _step(self) -> None:
        jobs = self._rest.jobs(self._settings.name_in_flink)
        self._shown = self._shown or any(job.id == self._job_id for job in jobs)
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
        state = self._settings.state_dir
        self._restore = restore_point(state)
        # The same id again until the cluster has shown the job: one that was thought refused may still turn up. Never after
        # that: the id leads to the plan whose state is taken over.
        if self._shown or not self._job_id:
            self._job_id, self._shown = uuid.uuid4().hex, False
        log.info("planning the job", job=self._job_id, restore=str(self._restore) if self._restore else None)
        return Submission(
            self._settings,
            self._script,
            plan_file(state, self._job_id),
            before=plan_of(state, self._restore) if self._restore else None,
            restore=self._restore,
            job_id=self._job_id,
        )

    def _plan_meanwhile(self) -> None:
        """Plan while the cluster comes back, most likely without the job; the plan is thrown away if it has it after all."""
        self._silences += 1
        if self._silences == GONE_AFTER and self._submission is None:
            self._submission = self._plan()

    def _discard_plan(self) -> None:
        if self._submission:
            self._submission.discard()
            self._submission = None

    def _submit(self) -> None:
        if self._submission and restore_point(self._settings.state_dir) != self._restore:
            self._discard_plan()  # made before the job that wrote the newest snapshot ended
        submission, self._submission = self._submission or self._plan(), None
        started = time.monotonic()
        self._untried = self._restore is not None
        job_id = submission.execute()
        self._assert_checkpointing(job_id)
        log.info("job submitted", job=job_id, seconds=round(time.monotonic() - started, 1))

    def _assert_checkpointing(self, job_id: str) -> None:
        config = self._rest.checkpoint_config(job_id)
        wanted = self._settings.interval.total_seconds() * 1000
        if config.get("mode") != "exactly_once" or config.get("interval") != wanted:
            self._rest.cancel(job_id)
            raise SubmitError(f"checkpointing is {config.get('mode')} every {config.get('interval')} ms: job cancelled")

    def _watch(self, job: Job) -> None:
        self._announce(ready=job.is_up)
        self._discard_plan()
        if not job.is_up:
            self._refuse_unfit(job)
        elif self._rest.completed_checkpoints(job.id):
            self._untried = False
            if self._pruned_for != job.id:
                keep_only(self._settings.state_dir, job.id)
                self._pruned_for = job.id

    def _explain_end(self, jobs: list[Job]) -> None:
        if jobs:
            self._refuse_unfit(jobs[-1])
            log.warning(
                "job ended", job=jobs[-1].id, state=jobs[-1].state, reason=self._rest.root_exception(jobs[-1].id)
            )

    def _refuse_unfit(self, job: Job) -> None:
        """Give up a job that would try for ever to take over state that does not fit it or cannot be read."""
        if not self._untried or job.id != self._job_id:
            return
        reason = self._rest.root_exception(job.id)
        if is_unfit(reason):
            if job.is_alive:
                self._rest.cancel(job.id)
            raise HopelessError(
                f"the job cannot resume from {self._restore}: {reason}\nRestore what has changed (the SQL, Flink's version, "
                f"the files). Or run `footfall reset-state` to start from scratch: the job reads every topic again, and it "
                f"would write duplicates of everything it has committed."
            )

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
        self._discard_plan()
        try:
            for job in self._rest.jobs(self._settings.name_in_flink):
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
