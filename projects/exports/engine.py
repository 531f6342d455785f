"""Runs one export: claim it, freeze its membership, stream the files, finish. Every step may be repeated."""

import logging
import uuid
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from projects.exports import services
from projects.exports.models import Export
from rlhfhub.tenancy import planes

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
SILENT_AFTER = timedelta(seconds=60)


def run(*, workspace_id: uuid.UUID, export_id: uuid.UUID) -> None:
    """Bring the export to its end, unless somebody else is at it."""
    # It brings the library of columnar files along, which no web process needs to ring for this.
    from projects.exports import dataset

    export = _claim(workspace_id, export_id)
    if export is None:
        return
    try:
        if export.frozen_at is None:
            export = _freeze(workspace_id, export)
        manifest, sha256 = dataset.write(export)
        with planes.in_workspace(workspace_id):
            services.finish(export_id=export_id, manifest=manifest, sha256=sha256)
    except Exception as error:
        log.exception("export failed", extra={"export": str(export_id)})
        _failed(workspace_id, export_id, error)


def _claim(workspace_id: uuid.UUID, export_id: uuid.UUID) -> Export | None:
    """Take the export when it waits, or when whoever had it has been silent for a minute."""
    silent = timezone.now() - SILENT_AFTER
    with planes.in_workspace(workspace_id):
        taken = Export.objects.filter(
            Q(beat_at=None) | Q(beat_at__lt=silent),
            pk=export_id,
            state__in=["queued", "freezing", "streaming"],
        ).update(beat_at=timezone.now(), attempts=F("attempts") + 1)
        if not taken:
            return None
        Export.objects.filter(pk=export_id, state=Export.State.QUEUED).update(
            state=Export.State.FREEZING
        )
        return services.loaded(export_id)


def _freeze(workspace_id: uuid.UUID, export: Export) -> Export:
    with planes.in_workspace(workspace_id):
        return services.freeze(export=export)


def _failed(workspace_id: uuid.UUID, export_id: uuid.UUID, error: Exception) -> None:
    """Wait for another try, or after the last one say so to the one who asked."""
    with planes.in_workspace(workspace_id):
        export = Export.objects.get(pk=export_id)
        if export.attempts >= MAX_ATTEMPTS:
            words = (
                f"It failed {export.attempts} times ({type(error).__name__}). We have been told."
            )
            Export.objects.filter(pk=export_id).update(state=Export.State.FAILED, error=words)


def waiting() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Exports that nobody is at: (workspace, export). System plane."""
    silent = timezone.now() - SILENT_AFTER
    rows = Export.objects.filter(
        Q(beat_at=None) | Q(beat_at__lt=silent), state__in=["queued", "freezing", "streaming"]
    )
    return list(rows.values_list("workspace_id", "id")[:20])
