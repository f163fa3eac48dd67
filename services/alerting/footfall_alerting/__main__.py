"""`python -m footfall_alerting`: run the alerting service."""

import sys

from footfall_chassis.health import Health
from footfall_chassis.logging import configure_logging
from footfall_chassis.worker import run

from footfall_alerting.app import Alerting
from footfall_alerting.settings import AlertingSettings


def main() -> int:
    """Return the process's exit status."""
    settings = AlertingSettings.load_or_exit()
    configure_logging(settings.log_level, "alerting")
    alerting = Alerting(settings, Health("footfall-alerting"))
    return run(alerting.work, alerting.api, settings.host, settings.port)


if __name__ == "__main__":
    sys.exit(main())
