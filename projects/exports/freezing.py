"""Freeze an export: fix its rows, and count what made no row, as of one moment."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from projects.exports import asked, rule, services
from projects.exports.models import Export
from projects.formats import writing
from rlhfhub.tenancy.raw import unjson

_STATES = ("accepted", "undecided", "rejected", "returned", "set_aside")
_ANSWERED = ("decided", "undecided", "uncounted")
_GATHERED = ("reasons", "states", "guidelines")


def freeze(*, export: Export) -> Export:
    """Write the rows that the dataset's rule makes, and the counts of everything else. Workspace plane.

    Returns: the export, now in the state `streaming`.
    """
    export.forms = asked.form_ids(export.project_id, export.batch_id)
    counts = _frozen(export)
    Export.objects.filter(pk=export.pk).update(
        state=Export.State.STREAMING,
        forms=export.forms,
        rows=counts["rows"],
        counts=counts,
        frozen_at=Now(),
        beat_at=Now(),
    )
    return services.get_for_writing(export.pk)


def _frozen(export: Export) -> dict[str, int]:
    dataset = writing.get(export.dataset)
    parameters = {
        "workspace": export.workspace_id,
        "export": export.pk,
        "project": export.project_id,
        "batch": export.batch_id,
        "include_undecided": export.include_undecided,
        **rule.asked_parameters(dataset, asked.forms_of(export)),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(rule.statement("freeze", dataset), parameters)
        names = [column.name for column in cursor.description]
        found = dict(zip(names, cursor.fetchone(), strict=True))
    return _counts(dataset.LEFT_OUT, found)


def _counts(reasons: Iterable[str], found: dict[str, Any]) -> dict[str, int]:
    gathered = [unjson(found.pop(name)) for name in _GATHERED]
    counts = {name: int(number) for name, number in found.items()}
    counts["items_answered"] = sum(counts[f"items_{stage}"] for stage in _ANSWERED)
    counts["items_unanswered"] = counts["items"] - counts["items_answered"]
    counts |= {f"items_{reason}": 0 for reason in reasons}
    counts |= {f"annotations_{state}": 0 for state in _STATES}
    for more in gathered:
        counts |= more
    return counts
