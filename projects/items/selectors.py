"""Batches and receipts as pages show them."""

import uuid

from django.shortcuts import get_object_or_404

from projects.items.models import Batch, Import


def batch_of(batch_id: uuid.UUID) -> Batch:
    """The batch with its project and its form; a foreign one is 404."""
    batch: Batch = get_object_or_404(Batch.objects.select_related("project__form"), pk=batch_id)
    return batch


def last_receipt(batch: Batch) -> Import | None:
    """What came of the newest import."""
    return Import.objects.filter(batch=batch).order_by("-created_at").first()
