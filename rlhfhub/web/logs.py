"""Structured logs: one JSON object a line, with the request's id; no bodies, no secrets."""

import logging

import structlog

chain: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.format_exc_info,
]

_renderer = structlog.processors.JSONRenderer()


def renderer(logger: logging.Logger, name: str, event: structlog.typing.EventDict) -> str | bytes:
    """Renders one event; the formatter's own fields are left out."""
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return _renderer(logger, name, event)


structlog.configure(
    processors=[
        *chain,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
