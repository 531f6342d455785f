"""The heartbeat of an export: the worker that makes it records regularly that it is alive, and learns if it lost it."""

import time

from django.db.models import QuerySet
from django.db.models.functions import Now

from projects.exports import progress_limit
from projects.exports.models import Export
from rlhfhub.tenancy import planes

INTERVAL_SECONDS = 5.0


class Overtaken(Exception):
    """Another worker has taken this export, or it has ended, so that this attempt must stop."""


class ExportHeartbeat:
    """The heartbeat of one attempt. Call it often and outside a transaction: it writes every INTERVAL_SECONDS."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._next = time.monotonic() + INTERVAL_SECONDS

    def __call__(self) -> None:
        if time.monotonic() >= self._next:
            self.beat()

    def beat(self, **progress: int) -> None:
        """Write a heartbeat now, together with the fields in `progress`. Raises Overtaken."""
        progress_limit.restart()
        with planes.in_workspace(self._export.workspace_id):
            if not row_of_attempt(self._export).update(beat_at=Now(), **progress):
                raise Overtaken(f"export {self._export.pk}")
        self._next = time.monotonic() + INTERVAL_SECONDS


def row_of_attempt(export: Export) -> QuerySet[Export]:
    """The export's row; no row once it has ended or a later attempt has taken it."""
    return Export.objects.filter(
        pk=export.pk, attempts=export.attempts, state__in=Export.State.unfinished()
    )
