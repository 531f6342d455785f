"""Slots that measure annotators instead of making data: gold, repeats and calibration. Workspace plane.

A partial index holds only these slots, which are few.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from projects.work.models import Purpose, Slot


def slots_by_batch(project_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return how many slots of the project are not for data, by batch; batches without any are left out."""
    return _counted("batch_id", [project_id])


def slots_by_project(project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many slots of these projects are not for data; projects without any are left out."""
    return _counted("project_id", project_ids)


def _counted(by: str, project_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    rows = Slot.objects.filter(project_id__in=project_ids).exclude(purpose=Purpose.DATA)
    return dict(rows.order_by().values_list(by).annotate(n=Count("id")))


@dataclass(frozen=True, slots=True)
class Use:
    """How often a keyed item is or was asked: slots for gold and calibration, and those of one funding run."""

    slots: int = 0
    of_run: int = 0


def uses_of(project_id: uuid.UUID, funding_id: uuid.UUID) -> dict[uuid.UUID, Use]:
    """Return the uses of a project's keyed items that were ever used, by item. Cancelled slots do not count."""
    rows = Slot.objects.filter(
        project_id=project_id, purpose__in=[Purpose.GOLD, Purpose.CALIBRATION]
    ).exclude(state=Slot.State.CANCELLED)
    counted = rows.order_by().values_list("item_id")
    found = counted.annotate(n=Count("id"), of_run=Count("id", filter=Q(funding_id=funding_id)))
    return {item: Use(slots, of_run) for item, slots, of_run in found}
