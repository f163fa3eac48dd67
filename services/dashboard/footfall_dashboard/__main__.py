"""`python -m footfall_dashboard`: serve the live page."""

import sys

from footfall_chassis.health import Health
from footfall_chassis.logging import configure_logging
from footfall_chassis.worker import run
from footfall_health.shop import ShopSettings

from footfall_dashboard.app import Dashboard
from footfall_dashboard.settings import DashboardSettings


def main() -> int:
    """Return the process's exit status."""
    settings = DashboardSettings.load_or_exit()
    configure_logging(settings.log_level, "dashboard")
    dashboard = Dashboard(settings, ShopSettings.load_or_exit(), Health("footfall-dashboard"))
    return run(dashboard.work, dashboard.api, settings.host, settings.port)


if __name__ == "__main__":
    sys.exit(main())
