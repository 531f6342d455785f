"""Bulk accepts as tests make them, and time that passes for them."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection

from projects.plan.models import Project
from projects.review.bulk import services
from projects.review.bulk.models import BulkAccept, BulkAnswer
from projects.review.samples import services as samples
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import Tenant

_PAST = "interval '11 minutes'"
_COLUMNS = ("requested_at", "takes_effect_at", "cancelled_at", "done_at")
_TIMES = ", ".join(f"{column} = {column} - {_PAST}" for column in _COLUMNS)


def request(project: Project, ids: Sequence[uuid.UUID], member_id: uuid.UUID) -> BulkAccept:
    """Ask to accept these answers as a member, and commit."""
    with planes.in_workspace(project.workspace_id, member_id):
        return services.request_accept(project=project, annotation_ids=ids, member_id=member_id)


def pass_minutes(owner: Any = None) -> None:
    """Let all bulk accepts take effect now, past the triggers.

    `owner` is a connection of the owner's login, in a transaction; Django's own unless said.
    """
    if owner is None:
        with connection.cursor() as cursor:
            return pass_minutes(cursor)
    owner.execute("ALTER TABLE projects_review_bulkaccept DISABLE TRIGGER USER")
    owner.execute(f"UPDATE projects_review_bulkaccept SET {_TIMES}")
    owner.execute("ALTER TABLE projects_review_bulkaccept ENABLE TRIGGER USER")
    return None


def stored(bulk: BulkAccept, tenant: Tenant) -> BulkAccept:
    """Return the bulk accept as it is stored now."""
    with planes.in_workspace(tenant.pk):
        return BulkAccept.objects.get(pk=bulk.pk)


def ask_for_more(project: Project, member_id: uuid.UUID) -> None:
    """Add a sample check of the newest undecided answer's batch, and a bulk accept of that answer. Workspace plane."""
    waiting = Annotation.objects.filter(project=project, state="submitted", purpose="data")
    waiting = waiting.exclude(pk__in=BulkAnswer.objects.filter(outcome="").values("annotation"))
    newest = waiting.select_related("batch").latest("pk")
    samples.draw(
        batch=newest.batch,
        enrollment=None,
        bound_percent=5,
        confidence_percent=95,
        member_id=member_id,
    )
    services.request_accept(project=project, annotation_ids=[newest.pk], member_id=member_id)
