"""`python -m footfall_generator`: the long-running generator, set up by GENERATOR_* and connection variables."""

import sys

from footfall_chassis.logging import configure_logging
from footfall_chassis.one_line import one_line_errors

from footfall_generator.publish.connect import UnavailableError
from footfall_generator.service import serve
from footfall_generator.settings import GeneratorSettings
from footfall_generator.shutdown import stop_on_signals


def main() -> int:
    """Run the service; return its exit status."""
    settings = GeneratorSettings.load_or_exit()
    configure_logging(settings.log_level, "generator")
    stop = stop_on_signals()
    with one_line_errors(ctrl_c=None):
        try:
            return serve(settings, stop)
        except UnavailableError:
            if not stop.is_set():
                raise
            return 0


if __name__ == "__main__":
    sys.exit(main())
