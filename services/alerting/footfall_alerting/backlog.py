"""What health tells of webhooks that wait."""

from collections.abc import Mapping

from footfall_chassis.health import CheckResult

from footfall_alerting.metrics import Meter

WORTH_TELLING = 60.0
"""Seconds that a webhook has been due for: whoever asks for the status is told."""


def backlog(meters: Mapping[str, Meter]) -> CheckResult:
    """Tell how many webhooks this worker holds, and for whom the oldest has been due for how long.

    Args:
        meters: By endpoint.
    """
    waiting = int(sum(meter.waiting() for meter in meters.values()))
    endpoint, oldest = max(((name, meter.oldest()) for name, meter in meters.items()), key=lambda each: each[1])
    if waiting and oldest > WORTH_TELLING:
        detail = f"{waiting} webhooks wait; the oldest, for {endpoint}, has been due for {oldest:.0f} s"
        return CheckResult(ok=True, detail=detail, caution=True)
    return CheckResult(ok=True, detail=f"{waiting} webhooks wait")
