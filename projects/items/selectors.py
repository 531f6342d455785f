"""Reads batches, receipts and import warnings."""

import uuid

from django.shortcuts import get_object_or_404

from projects.items.models import Batch, Import
from projects.items.warnings import ItemWarning, WarningTotal, totals


def batch_of(batch_id: uuid.UUID) -> Batch:
    """Return the batch with its project and form.

    Raises: Http404 for a batch that is missing or of another workspace.
    """
    batch: Batch = get_object_or_404(Batch.objects.select_related("project__form"), pk=batch_id)
    return batch


def last_receipt(batch: Batch) -> Import | None:
    """Return the receipt of the batch's newest import; None if there was none."""
    return Import.objects.filter(batch=batch).order_by("-created_at").first()


def warnings_of(project_id: uuid.UUID, batch_id: uuid.UUID | None = None) -> list[WarningTotal]:
    """Return the warnings of all imports into the project's batches, or into one: one total per kind of warning."""
    imports = Import.objects.filter(batch__project_id=project_id, batch__is_pool=False)
    if batch_id is not None:
        imports = imports.filter(batch_id=batch_id)
    kept = imports.exclude(warnings=[]).values_list("warnings", flat=True)
    return totals(ItemWarning.from_json(each) for warnings in kept for each in warnings)
