"""Rejecting answers and appealing against it, by the services."""

import uuid
from typing import Any

from django.db import connection

from projects.plan.models import GuidelineVersion
from projects.review.models import Decision
from projects.review.services import appeals, rejecting
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane
from tests.factories import Tenant
from tests.people import make_user

NOTE = "The answer ignores the rule that is cited."


def rule_of(annotation_id: uuid.UUID) -> str:
    """The id of the first rule in the guideline version of an answer. Workspace plane."""
    version = Annotation.objects.values_list("guideline_version", flat=True).get(pk=annotation_id)
    return str(GuidelineVersion.objects.get(pk=version).rules[0]["id"])


def reject(annotation_id: uuid.UUID, tenant: Tenant, **changes: Any) -> Decision:
    """Reject an answer as the tenant's owner. Workspace plane."""
    asked = {
        "reason": "rule",
        "rule": rule_of(annotation_id),
        "note": NOTE,
        "reviewer_id": tenant.owner.pk,
    }
    return rejecting.reject(annotation_id=annotation_id, **(asked | changes))


def rejected(annotation_id: uuid.UUID, tenant: Tenant) -> Decision:
    """Reject an answer as the tenant's owner and commit."""
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        return reject(annotation_id, tenant)


def appealed(
    annotation_id: uuid.UUID,
    tenant: Tenant,
    person_id: uuid.UUID,
    statement: str = "I followed the rule, see line 2.",
) -> None:
    """Appeal as the annotator."""
    with planes.in_workspace(tenant.pk):
        project_id = Annotation.objects.get(pk=annotation_id).project_id
    with planes.at_desk(person_id, tenant.pk, project_id):
        appeals.appeal(annotation_id=annotation_id, statement=statement)


def decide(annotation_id: uuid.UUID, *, broken: bool) -> Decision:
    """Decide the appeal as one of the staff."""
    person = make_user("Staff", is_staff=True)
    with planes.entered(Plane.STAFF, person=person.pk):
        return appeals.decide(
            annotation_id=annotation_id,
            broken=broken,
            note="The rule says so.",
            decider_id=person.pk,
        )


_TIMES = {
    "projects_review_decision": ("decided_at", "appeal_by"),
    "projects_review_appeal": ("appealed_at", "decide_by"),
    "projects_review_return": ("returned_at", "revise_by"),
    "projects_work_annotation": ("submitted_at", "decide_by"),
    "projects_work_lease": ("leased_at", "expires_at", "ended_at"),
    "projects_items_batch": ("created_at", "opened_at"),
    "projects_enrollment_clearance": ("cleared_at",),
    "projects_enrollment_enrollmentchange": ("at",),
    "projects_enrollment_guidelineacceptance": ("accepted_at",),
    "annotators_profiles_acceptance": ("accepted_at", "work_at", "confidentiality_at", "rights_at"),
}


def pass_days(days: int, owner: Any = None) -> None:
    """Move all times of answers and decisions on them so many days into the past, past the triggers.

    `owner` is a connection of the owner's login, in a transaction; Django's own unless said.
    """
    if owner is None:
        with connection.cursor() as cursor:
            return pass_days(days, cursor)
    # A table with a foreign key that is still to be checked cannot be altered.
    owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table, columns in _TIMES.items():
        moved = ", ".join(f"{name} = {name} - interval '{days} days'" for name in columns)
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(f"UPDATE {table} SET {moved}")
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    owner.execute("SET CONSTRAINTS ALL DEFERRED")
    return None
