"""Bulk accepts as members read them. Workspace plane."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from projects.plan.models import Project
from projects.review.bulk.models import BulkAccept

SHOWN = 20
_SHOWN_HOURS = 24


def of_project(project: Project) -> QuerySet[BulkAccept]:
    """Return all bulk accepts of a project."""
    rows: QuerySet[BulkAccept] = BulkAccept.objects.filter(project=project)
    return rows


def recent(project: Project) -> list[BulkAccept]:
    """Return the newest bulk accepts of a project that still wait, or were requested within a day."""
    rows = of_project(project).filter(
        Q(cancelled_at=None, done_at=None)
        | Q(requested_at__gt=Now() - timedelta(hours=_SHOWN_HOURS))
    )
    return list(rows.order_by("-pk")[:SHOWN])
