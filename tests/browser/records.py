"""An annotator's leases and annotations in the database, and ways to change the time that a lease has left."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django_scopes import scopes_disabled

from projects.work.models import Annotation, Lease
from rlhfhub.tenancy import planes
from tests.people import Annotator


def answers_of(annotator: Annotator) -> list[Annotation]:
    """Return what the annotator submitted, oldest first."""
    with planes.in_workspace(annotator.enrollment.workspace_id):
        rows = Annotation.objects.filter(enrollment_id=annotator.enrollment.pk)
        return list(rows.order_by("submitted_at"))


def lease_of(annotator: Annotator, lease_id: str) -> Lease:
    """Return one of the annotator's leases."""
    with planes.in_workspace(annotator.enrollment.workspace_id):
        return Lease.objects.get(enrollment_id=annotator.enrollment.pk, pk=uuid.UUID(lease_id))


@contextmanager
def without_triggers(model: type[Model]) -> Iterator[None]:
    """Disable the triggers of `model` inside the block. Only the owner's login may."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def leave_seconds(annotator: Annotator, lease_id: str, seconds: int) -> None:
    """Let the lease end in so many seconds; with a negative number it has ended."""
    expires_at = timezone.now() + timedelta(seconds=seconds)
    # A trigger keeps everybody else from changing the end of a lease.
    with transaction.atomic(), scopes_disabled(), without_triggers(Lease):
        changed = Lease.objects.filter(
            enrollment_id=annotator.enrollment.pk, pk=uuid.UUID(lease_id)
        ).update(expires_at=expires_at)
    assert changed == 1
