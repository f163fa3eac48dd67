"""Structured logs: readable lines in a terminal, one JSON object a line everywhere else, never a secret."""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from footfall_chassis.sparing import Sparing

HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(r"secret|password|passwd|token|authorization|signature|api_?key", re.IGNORECASE)
_SECRET_TEXT = re.compile(r"whsec_[A-Za-z0-9+/=_-]+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")
_CHATTY = ("aiokafka", "asyncio", "faust", "httpcore", "httpx", "mode", "uvicorn")
SPARING = Sparing(("aiokafka", "faust", "mode"), ("broker trouble", "flink does not answer", "send failed"))
"""What clients say of servers that are away, again and again."""


def configure_logging(level: str, service: str, stream: TextIO | None = None) -> None:
    """Send every logger of the process, third parties' included, through one formatter.

    Args:
        level: DEBUG, INFO, WARNING or ERROR; third parties speak from WARNING on unless it is DEBUG.
        service: Bound to every line.
        stream: Where lines go; standard output unless told.
    """
    out = stream or sys.stdout
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _bind_service(service),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(out)],
        )
    )
    handler.addFilter(SPARING)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in _CHATTY:
        chatty = logging.getLogger(name)
        chatty.handlers.clear()
        chatty.setLevel(level if level in {"DEBUG", "ERROR"} else "WARNING")


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blank values whose name or looks say they are secret; structlog's processor signature."""
    return {name: HIDDEN if _SECRET_NAME.search(name) else _hide(value) for name, value in event.items()}


def _hide(value: object) -> object:
    match value:
        case str():
            return _SECRET_TEXT.sub(HIDDEN, value)
        case dict():
            return {name: HIDDEN if _SECRET_NAME.search(str(name)) else _hide(item) for name, item in value.items()}
        case list() | tuple():
            return [_hide(item) for item in value]
        case _:
            return value


def _rendering(out: TextIO) -> list[Processor]:
    # Exceptions become text first, so that secrets in their messages are hidden, too.
    text: list[Processor] = [structlog.processors.format_exc_info, hide_secrets]
    if out.isatty():
        return [*text, structlog.dev.ConsoleRenderer()]
    return [*text, structlog.processors.JSONRenderer(default=str, ensure_ascii=False)]


def _bind_service(service: str) -> Processor:
    def bind(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return bind
