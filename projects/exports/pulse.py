"""A sign of life: whoever makes an export says now and then that it still does, and hears when it is no longer its."""

import time

from django.db.models import QuerySet
from django.db.models.functions import Now

from projects.exports import silence
from projects.exports.models import Export
from rlhfhub.tenancy import planes

EVERY = 5.0


class Overtaken(Exception):
    """Another worker has this export, or it has come to its end: nothing is left to do here."""


class Pulse:
    """The beat of one attempt. To be called often, outside a transaction; it beats when it is time to."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._next = time.monotonic() + EVERY

    def __call__(self) -> None:
        if time.monotonic() >= self._next:
            self.beat()

    def beat(self, **noted: int) -> None:
        """Beat now, and note how far it has come. Raises Overtaken."""
        silence.heard()
        with planes.in_workspace(self._export.workspace_id):
            if not mine(self._export).update(beat_at=Now(), **noted):
                raise Overtaken(f"export {self._export.pk}")
        self._next = time.monotonic() + EVERY


def mine(export: Export) -> QuerySet[Export]:
    """The row, as long as it is unfinished and this attempt is the last that took it."""
    return Export.objects.filter(
        pk=export.pk, attempts=export.attempts, state__in=Export.State.unfinished()
    )
