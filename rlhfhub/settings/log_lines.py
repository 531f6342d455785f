"""LOGGING: JSON lines on the console; each failed request or task makes one line (rlhfhub.web.logs)."""

from typing import Any

from rlhfhub.web import logs


def logging_at(level: str) -> dict[str, Any]:
    """Return Django's LOGGING with `level` for the site's own loggers and WARNING for libraries."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "processor": logs.renderer,
                "foreign_pre_chain": logs.chain,
            },
        },
        "filters": {"one_line": {"()": "rlhfhub.web.logs.OneLine"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "filters": ["one_line"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"level": "WARNING"},
            "celery": {"level": "WARNING"},
            "stripe": {"level": "WARNING"},
        },
    }
