"""Run one export: claim it, freeze its membership, write its files, finish it. Every step may be repeated."""

import logging
import uuid
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Now

from projects.exports import freezing, services, storage
from projects.exports.heartbeat import ExportHeartbeat, Overtaken, row_of_attempt
from projects.exports.models import Export
from projects.exports.progress_limit import NoProgress
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.trouble import Trouble, trouble_of

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
SILENT_AFTER = timedelta(seconds=60)
_KILLED = (
    "This export was started {} times and never finished: its worker was stopped or ran out of memory. "
    "We have been notified. You can request a new export."
)
_RAISED = "This export failed {} times ({}). We have been notified. You can request a new export."
_AGAIN = "This export failed ({}). It will be tried again automatically."


def run(*, workspace_id: uuid.UUID, export_id: uuid.UUID) -> bool:
    """Make one attempt at the export.

    Returns: False if there was nothing to do, because another worker has it or it has ended.
    """
    # Imported late so that web processes need not load pyarrow.
    from projects.exports import dataset

    export = _claim(workspace_id, export_id)
    if export is None:
        return False
    try:
        if export.frozen_at is None:
            export = _freeze(workspace_id, export)
        made = dataset.write(export, ExportHeartbeat(export))
        with planes.in_workspace(workspace_id):
            first = services.finish(
                export_id=export_id,
                folder=made.folder.name,
                manifest=made.manifest,
                sha256=made.sha256,
            )
        if not first:
            storage.discard(made.folder)
    except Overtaken:
        log.warning("export overtaken", extra={"export": str(export_id)})
    except Exception as error:
        log.exception("export failed", extra={"export": str(export_id)})
        _failed(export, error)
    return True


def _idle() -> Q:
    """Unfinished, and no worker has taken it yet or its worker gave no heartbeat for SILENT_AFTER."""
    silent = Now() - SILENT_AFTER
    return Q(state__in=Export.State.unfinished()) & (Q(beat_at=None) | Q(beat_at__lt=silent))


def _claim(workspace_id: uuid.UUID, export_id: uuid.UUID) -> Export | None:
    """Take the export if no worker has it, and count the attempt; fail it if there were MAX_ATTEMPTS already."""
    with planes.in_workspace(workspace_id):
        # A locked export is being frozen by another worker.
        idle = Export.objects.select_for_update(skip_locked=True).filter(_idle(), pk=export_id)
        export = idle.first()
        if export is None:
            return None
        if export.attempts >= MAX_ATTEMPTS:
            log.error("export given up", extra={"export": str(export_id)})
            _give_up(export, _KILLED.format(export.attempts))
            return None
        state = Export.State.FREEZING if export.frozen_at is None else Export.State.STREAMING
        Export.objects.filter(pk=export_id).update(
            state=state, beat_at=Now(), attempts=F("attempts") + 1
        )
        return services.get_for_writing(export_id)


def _freeze(workspace_id: uuid.UUID, export: Export) -> Export:
    with planes.in_workspace(workspace_id):
        # Locked until the membership is frozen, however long that takes: no heartbeat is possible meanwhile.
        if not row_of_attempt(export).select_for_update().exists():
            raise Overtaken(f"export {export.pk}")
        return freezing.freeze(export=export)


def _failed(export: Export, error: Exception) -> None:
    """Record the reason for whoever requested the export, and fail it if this was the last attempt."""
    reason = _reason(error)
    with planes.in_workspace(export.workspace_id):
        if export.attempts >= MAX_ATTEMPTS:
            _give_up(export, _RAISED.format(export.attempts, reason))
        else:
            row_of_attempt(export).update(error=_AGAIN.format(reason))


def _reason(error: Exception) -> str:
    if trouble_of(error) is Trouble.NO_ROOM:
        return "the storage is full"
    if isinstance(error, NoProgress | SoftTimeLimitExceeded):
        return "it took too long"
    return type(error).__name__


def _give_up(export: Export, words: str) -> None:
    row_of_attempt(export).update(state=Export.State.FAILED, error=words)


def waiting() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """The next exports to run, as (workspace id, export id). System plane.

    Workspaces take turns: first comes the one whose exports were last worked on the longest time ago, so that a
    workspace that requests twenty exports delays another one by only one of them.
    """
    beats = Export.objects.filter(workspace=OuterRef("workspace")).order_by().values("workspace")
    served = Subquery(beats.annotate(at=Max("beat_at")).values("at"))
    turn = (F("served").asc(nulls_first=True), "created_at")
    rows = Export.objects.filter(_idle()).annotate(served=served).order_by(*turn)
    return list(rows.values_list("workspace_id", "id")[:20])
