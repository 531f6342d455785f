"""Slots that measure annotators instead of making data: gold, repeats and calibration. Workspace plane.

A partial index holds only these slots, which are few.
"""

import uuid
from collections.abc import Sequence

from django.db.models import Count

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
