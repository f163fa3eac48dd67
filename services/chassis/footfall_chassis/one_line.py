"""An error that a person can put right is one line, whatever command meets it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from footfall_schemas.errors import FootfallError


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn such an error into one line on standard error and exit status 1; Ctrl-C is no error.

    Raises:
        SystemExit: With the status.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(0) from None
    except Exception as error:
        if not is_expected(error):
            raise
        print(f"footfall: {error}", file=sys.stderr)
        raise SystemExit(1) from None


def is_expected(error: Exception) -> bool:
    """Tell whether an error is no fault of the code: one of ours, or what Kafka's client says."""
    from confluent_kafka import KafkaException  # noqa: PLC0415  most commands end without it

    return isinstance(error, FootfallError | KafkaException)
