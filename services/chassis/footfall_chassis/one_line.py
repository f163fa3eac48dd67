"""An error that a person can put right is one line, whatever command meets it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from footfall_schemas.errors import FootfallError

FAILED, CALLED_WRONGLY = 1, 2


@contextmanager
def one_line_errors(
    *also: type[Exception], called_wrongly: tuple[type[Exception], ...] = (), ctrl_c: int | None = 0
) -> Iterator[None]:
    """Turn such an error into one line on standard error and exit status 1.

    Args:
        also: What else is such an error here.
        called_wrongly: Which of them say that the command's input is wrong: exit status 2.
        ctrl_c: Exit status of Ctrl-C, which is no error; None leaves it to the caller.

    Raises:
        SystemExit: With the status.
    """
    try:
        yield
    except KeyboardInterrupt:
        if ctrl_c is None:
            raise
        raise SystemExit(ctrl_c) from None
    except Exception as error:
        if not (is_expected(error) or isinstance(error, also)):
            raise
        print(f"footfall: {error}", file=sys.stderr)
        raise SystemExit(CALLED_WRONGLY if isinstance(error, called_wrongly) else FAILED) from None


def is_expected(error: Exception) -> bool:
    """Tell whether an error is no fault of the code: one of ours, or what Kafka's client says."""
    # Most commands end without the client; who has not imported it has none of its errors.
    client = sys.modules.get("confluent_kafka")
    return isinstance(error, FootfallError) or (client is not None and isinstance(error, client.KafkaException))
