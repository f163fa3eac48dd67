"""Plan and submit in a process of its own: PyFlink's gateway is a JVM that nothing needs once the cluster has the job."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from footfall_schemas.errors import PermanentError, TransientError

from footfall_analytics.compiling.flink_home import flink_environment
from footfall_analytics.compiling.options import job_options, state_ttl
from footfall_analytics.planning.script import Script
from footfall_analytics.settings import AnalyticsSettings

HOPELESS = 3
"""Exit status of the process when another try would not help."""
SUBMIT_TIMEOUT = 300.0
"""Seconds planning and submitting may take, on a busy machine."""
GATEWAY_JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m"
"""The gateway lives for seconds: the second compiler would only take time from planning."""


class SubmitError(TransientError):
    """The job could not be started; the message carries Flink's reason."""


class HopelessError(PermanentError):
    """The job can never be started as it is: the message names the cure."""


class Submission:
    """One job on its way to the cluster. Planning begins at once and needs no cluster, so it can overlap its start.

    Args:
        settings: Where jars and state are.
        script: The planned job.
        plan_file: Where the compiled plan goes.
        before: File of the plan whose state the job takes over.
        restore: Checkpoint or savepoint to start from; None starts from nothing.
        job_id: The job's id; the cluster takes no second job of the same. None lets Flink choose one.
    """

    def __init__(
        self,
        settings: AnalyticsSettings,
        script: Script,
        plan_file: Path,
        *,
        before: Path | None = None,
        restore: Path | None = None,
        job_id: str | None = None,
    ) -> None:
        overlay = settings.data_dir.resolve() / "pyflink"
        environment = {"JVM_ARGS": GATEWAY_JVM} | os.environ | flink_environment(settings.jars_dir, overlay)
        asked = {
            "script": asdict(script),
            "options": job_options(settings, restore=restore, job_id=job_id) | script.options,
            "ttl": state_ttl() | script.ttl,
            "plan_file": str(plan_file.resolve()),
            "before": str(before.resolve()) if before else None,
            "forget": settings.allow_non_restored_state,
        }
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115, discard() closes it
        self._process = subprocess.Popen(
            [sys.executable, "-m", "footfall_analytics.compiling.submit"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            text=True,
        )
        self._write(json.dumps(asked))

    def execute(self) -> str:
        """Hand the job to the cluster and return its id.

        Raises:
            HopelessError: The plan is not as it must be, or the state that is there does not fit it.
            SubmitError: Planning failed, or the cluster refused.
        """
        self._write("execute")
        try:
            output, _ = self._process.communicate(timeout=SUBMIT_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise SubmitError(f"no answer from planning or the cluster within {SUBMIT_TIMEOUT:.0f} s") from error
        finally:
            status = self._process.poll()
            self.discard()
        if status == HOPELESS:
            raise HopelessError(output.strip())
        if status != 0:
            raise SubmitError(self._reasons)
        return output.strip().splitlines()[-1]

    def discard(self) -> None:
        """End the process if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._errors.seek(0)
        self._reasons = reasons(self._errors.read())
        self._errors.close()

    def _write(self, line: str) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            try:
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()
            except BrokenPipeError:
                pass  # the process has ended; execute() says why


def reasons(trace: str) -> str:
    """Return the lines of a Java stack trace that say why, without the frames."""
    marks = ("Caused by", "pyflink.util", ": org.apache.flink", "org.apache.flink", "footfall_analytics.")
    lines = [line.strip(": ")[:1000] for line in trace.splitlines() if line.startswith(marks)]
    return "\n".join(dict.fromkeys(lines)) or trace[-2000:]
