"""A run to the end of its input: the same SQL as a batch."""

import time
from collections.abc import Callable

from footfall_analytics.running.backfill import POLL, Backfill
from footfall_analytics.settings import AnalyticsSettings

from checks.prove.evidence import Evidence, Run
from checks.prove.verdict import Verdict, compared
from checks.prove.waiting import PATIENCE, dropped
from support.shop import Shop


def bounded(shop: Shop, run: Run, say: Callable[[str], None]) -> list[Verdict]:
    """Compute what the run's input topics hold and compare; what the run before has computed gives way."""
    started = time.monotonic()
    job = Backfill(AnalyticsSettings.load(), run.inputs, shop.flink)
    job_id = job.start(bounded=True)
    losses = _wait(shop, job, job_id)
    say(f"{run.name}: job finished after {time.monotonic() - started:.0f} s, comparing")
    wrong = {"dropped": [f"{count:.0f} by {name}" for name, count in losses.items() if count]}
    return [*Evidence(shop, run).verdicts(), compared(run.name, "dropped by Flink itself", len(losses), wrong)]


def _wait(shop: Shop, job: Backfill, job_id: str) -> dict[str, float]:
    """Wait for the job's end and return what it said to have dropped when last asked."""
    losses: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    while next(found for found in shop.flink.jobs(job.job_name) if found.id == job_id).is_alive:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{job.job_name} goes on and on: {shop.flink.root_exception(job_id)}")
        losses |= dropped(shop, job_id)
        time.sleep(POLL)
    job.wait(job_id)
    return losses
