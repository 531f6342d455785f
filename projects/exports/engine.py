"""Runs one export: claim it, freeze its membership, stream the files, finish. Every step may be repeated."""

import logging
import uuid
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Now

from projects.exports import freezing, services, storage
from projects.exports.models import Export
from projects.exports.pulse import Overtaken, Pulse, mine
from projects.exports.silence import Silent
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.trouble import Trouble, trouble_of

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
SILENT_AFTER = timedelta(seconds=60)
_KILLED = (
    "It was begun {} times and never done: its worker was stopped, or ran out of memory. "
    "We have been told; you may ask for it anew."
)
_RAISED = "It failed {} times ({}). We have been told; you may ask for it anew."
_AGAIN = "It failed ({}) and will be tried again."


def run(*, workspace_id: uuid.UUID, export_id: uuid.UUID) -> bool:
    """Make the export, or fail at it once. False when there was nothing to do: somebody else is at it, or it ended."""
    # It brings the library of columnar files along, which no web process needs.
    from projects.exports import dataset

    export = _claim(workspace_id, export_id)
    if export is None:
        return False
    try:
        if export.frozen_at is None:
            export = _freeze(workspace_id, export)
        made = dataset.write(export, Pulse(export))
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
    """Unfinished, and nobody has taken it yet or given a sign of life for a minute."""
    silent = Now() - SILENT_AFTER
    return Q(state__in=Export.State.unfinished()) & (Q(beat_at=None) | Q(beat_at__lt=silent))


def _claim(workspace_id: uuid.UUID, export_id: uuid.UUID) -> Export | None:
    """Take the export when nobody has it. Too many claims, none of which came to an end, are its end."""
    with planes.in_workspace(workspace_id):
        # One that is locked is being frozen by somebody this very moment.
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
        return services.loaded(export_id)


def _freeze(workspace_id: uuid.UUID, export: Export) -> Export:
    with planes.in_workspace(workspace_id):
        # Held until the membership stands, however long it takes: no beat can be given meanwhile.
        if not mine(export).select_for_update().exists():
            raise Overtaken(f"export {export.pk}")
        return freezing.freeze(export=export)


def _failed(export: Export, error: Exception) -> None:
    """Say why to the one who asked. It waits for another try, unless this was the last."""
    reason = _reason(error)
    with planes.in_workspace(export.workspace_id):
        if export.attempts >= MAX_ATTEMPTS:
            _give_up(export, _RAISED.format(export.attempts, reason))
        else:
            mine(export).update(error=_AGAIN.format(reason))


def _reason(error: Exception) -> str:
    if trouble_of(error) is Trouble.NO_ROOM:
        return "the storage is full"
    if isinstance(error, Silent | SoftTimeLimitExceeded):
        return "it took too long"
    return type(error).__name__


def _give_up(export: Export, words: str) -> None:
    mine(export).update(state=Export.State.FAILED, error=words)


def waiting() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Exports that nobody is at, in their turn: (workspace, export). System plane.

    The workspace goes first whose exports nobody has been at for the longest: one that asks for twenty delays another
    by one.
    """
    beats = Export.objects.filter(workspace=OuterRef("workspace")).order_by().values("workspace")
    served = Subquery(beats.annotate(at=Max("beat_at")).values("at"))
    turn = (F("served").asc(nulls_first=True), "created_at")
    rows = Export.objects.filter(_idle()).annotate(served=served).order_by(*turn)
    return list(rows.values_list("workspace_id", "id")[:20])
