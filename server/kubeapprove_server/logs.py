"""Logs on stderr, one line of JSON each; uvicorn's and asyncio's too. Values of requests never reach a log call."""

import logging
import sys
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger


def where(trace: TracebackType | None) -> list[str]:
    """Return the innermost five places of a traceback, without any text of the exception."""
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    return places[-5:]


def without_exception_text(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace what libraries log of an exception by its type and places: its text may quote a request."""
    info = event.pop("exc_info", None)
    if isinstance(info, tuple) and info[0] is not None:
        event.update(error=info[0].__name__, where=where(info[2]))
    return event


def configure_logs() -> None:
    """Send structlog and the standard library's loggers to stderr as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_exception_text,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
