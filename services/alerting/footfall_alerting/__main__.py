"""`python -m footfall_alerting`: run the alerting service."""

import sys
from functools import partial

from footfall_chassis.health import Health
from footfall_chassis.logging import configure_logging
from footfall_chassis.problem import handlers
from footfall_chassis.worker import run
from starlette.applications import Starlette

from footfall_alerting.app import work
from footfall_alerting.settings import AlertingSettings


def main() -> int:
    """Return the process's exit status."""
    settings = AlertingSettings.load_or_exit()
    configure_logging(settings.log_level, "alerting")
    health = Health("footfall-alerting")
    web = Starlette(routes=health.routes(), exception_handlers=handlers())
    return run(partial(work, settings, health), web, settings.host, settings.port)


if __name__ == "__main__":
    sys.exit(main())
