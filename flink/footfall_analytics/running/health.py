"""What is to be looked at of a shop with the settings of this process."""

from collections.abc import Sequence

from footfall_health.shop import JobPart, of
from footfall_health.watched import Watched

from footfall_analytics.settings import AnalyticsSettings


def watched(jobs: Sequence[JobPart] = ()) -> Watched:
    """Return what is there according to the environment.

    Args:
        jobs: Which jobs compute the streams; none: the one of the settings.
    """
    return of(AnalyticsSettings.load_or_exit(), jobs)
