"""`python -m footfall_generator`: the long-running generator, set up by GENERATOR_* and connection variables."""

import sys

from footfall_chassis.logging import configure_logging
from footfall_schemas.registry import IncompatibleSchemaError

from footfall_generator.publish.connect import UnavailableError
from footfall_generator.publish.publisher import PublishingError
from footfall_generator.service import serve
from footfall_generator.settings import GeneratorSettings
from footfall_generator.shutdown import stop_on_signals


def main() -> int:
    """Run the service; return its exit status."""
    settings = GeneratorSettings.load_or_exit()
    configure_logging(settings.log_level, "generator")
    stop = stop_on_signals()
    try:
        return serve(settings, stop)
    except UnavailableError as error:
        if stop.is_set():
            return 0
        print(error, file=sys.stderr)
        return 1
    except (IncompatibleSchemaError, PublishingError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
