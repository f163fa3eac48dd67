"""Start a planned job in a process of its own and return the job's id."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from footfall_flink.home import flink_environment
from footfall_flink.options import state_ttl
from footfall_flink.plan import Script
from footfall_flink.settings import AnalyticsSettings

SUBMIT_TIMEOUT = 300.0
"""Seconds planning and submitting may take, on a busy machine."""


class SubmitError(RuntimeError):
    """The job could not be started; the message carries Flink's reason."""


def launch(settings: AnalyticsSettings, script: Script, options: Mapping[str, str], plan_file: Path) -> str:
    """Submit the script and return the job's id.

    PyFlink's gateway is a JVM of some 300 MiB that nothing needs once the cluster has the job, so it gets a process that
    ends.

    Raises:
        SubmitError: Planning failed, or the cluster refused.
    """
    overlay = settings.data_dir.resolve() / "pyflink"
    environment = os.environ | flink_environment(settings.jars_dir, overlay)
    asked = {
        "script": asdict(script),
        "options": dict(options),
        "ttl": state_ttl(settings),
        "plan_file": str(plan_file.resolve()),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "footfall_flink.submit"],
            input=json.dumps(asked),
            env=environment,
            capture_output=True,
            text=True,
            timeout=SUBMIT_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SubmitError(f"no answer from planning or the cluster within {SUBMIT_TIMEOUT:.0f} s") from error
    if done.returncode:
        raise SubmitError(reasons(done.stderr))
    return done.stdout.strip().splitlines()[-1]


def reasons(trace: str) -> str:
    """Return the lines of a Java stack trace that say why, without the frames."""
    marks = ("Caused by", "pyflink.util", "org.apache.flink", "footfall_flink.")
    lines = [line.strip()[:1000] for line in trace.splitlines() if line.startswith(marks)]
    return "\n".join(dict.fromkeys(lines)) or trace[-2000:]
