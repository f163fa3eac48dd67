"""`python -m footfall_exporter`: carry the output topics into other stores."""

import sys
from functools import partial

from footfall_chassis.health import Health
from footfall_chassis.logging import configure_logging
from footfall_chassis.worker import run
from starlette.applications import Starlette

from footfall_exporter.app import work
from footfall_exporter.settings import ExporterSettings


def main() -> int:
    """Return the process's exit status."""
    settings = ExporterSettings.load_or_exit()
    configure_logging(settings.log_level, "exporter")
    health = Health("footfall-exporter")
    return run(partial(work, settings, health), Starlette(routes=health.routes()), settings.host, settings.port)


if __name__ == "__main__":
    sys.exit(main())
