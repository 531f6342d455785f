"""Structured logs: one JSON object a line, with the request's id; no bodies, no secrets."""

import logging

import structlog
from django.core.exceptions import PermissionDenied

from rlhfhub.tenancy.trouble import described, trouble_of

# The fields that `extra=` may add to a line. Others are left out: Django adds the whole request, for example.
FIELDS = ("code", "error", "event_id", "export", "handler", "of", "task_name", "words")

chain: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow=FIELDS),
    structlog.processors.format_exc_info,
]

_renderer = structlog.processors.JSONRenderer()


def renderer(logger: logging.Logger, name: str, event: structlog.typing.EventDict) -> str | bytes:
    """Render one event without the formatter's own fields."""
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return _renderer(logger, name, event)


class OneLine(logging.Filter):
    """Logs a temporary failure as one line without traceback, and drops records that the request's line repeats."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        trouble = trouble_of(error)
        if record.name == "django.request":
            is_told = error is None or isinstance(error, PermissionDenied)
            return not is_told and trouble is None
        if error is not None and trouble is not None:
            first = record.getMessage().partition("\n")[0]
            record.msg, record.args = f"{first} ({described(error, trouble)})", ()
            record.exc_info = record.exc_text = None
        if record.name.startswith("django.security."):
            # No traceback: anybody can send a wrong Host, and the message says what was wrong with it.
            record.exc_info = record.exc_text = None
        return True


structlog.configure(
    processors=[
        *chain,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
