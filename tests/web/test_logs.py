"""Log lines: what `extra` adds that helps, and nothing that may hold a secret."""

import json
import logging

import structlog
from django.core.exceptions import PermissionDenied

from rlhfhub.web import logs


def rendered(**extra: object) -> dict[str, object]:
    """A line as the console handler writes it."""
    formatter = structlog.stdlib.ProcessorFormatter(
        processor=logs.renderer, foreign_pre_chain=logs.chain
    )
    logger = logging.getLogger("rlhfhub.tests")
    record = logger.makeRecord(
        logger.name, logging.ERROR, __file__, 1, "export failed", (), None, extra=extra
    )
    line: dict[str, object] = json.loads(formatter.format(record))
    return line


def test_a_line_says_which_export_failed() -> None:
    assert rendered(export="e-1")["export"] == "e-1"


def test_a_line_keeps_what_is_not_listed_to_itself() -> None:
    line = rendered(request="POST with a secret", authorization="Bearer rlh_x")
    assert set(line) == {"event", "timestamp", "logger", "level"}


def test_a_refusal_by_role_leaves_no_traceback() -> None:
    """The request's own line says 403 and who asked."""

    def kept(error: Exception) -> bool:
        logger = logging.getLogger("django.request")
        found = (type(error), error, None)
        record = logger.makeRecord(logger.name, logging.WARNING, __file__, 1, "x", (), found)
        return bool(logs.OneLine().filter(record))

    assert not kept(PermissionDenied())
    assert kept(ValueError())
