"""`python -m footfall_recommender`: run the recommender."""

import sys
from functools import partial

from footfall_chassis.health import Health
from footfall_chassis.logging import configure_logging
from footfall_chassis.worker import run

from footfall_recommender.api import build_api
from footfall_recommender.app import work
from footfall_recommender.ranking import Seeded
from footfall_recommender.settings import RecommenderSettings


def main() -> int:
    """Return the process's exit status."""
    settings = RecommenderSettings.load_or_exit()
    configure_logging(settings.log_level, "recommender")
    rankings, health = Seeded(), Health("footfall-recommender")
    return run(partial(work, settings, rankings, health), build_api(rankings, health), settings.host, settings.port)


if __name__ == "__main__":
    sys.exit(main())
