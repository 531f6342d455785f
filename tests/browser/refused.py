"""For screenshots of annotators' pages: answers that were rejected or sent back, and a project that is archived."""

import uuid

from django_scopes import scope

from projects.plan.models import Project
from projects.review.services import rejecting, returning
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.browser.hard_texts import LONG
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator, make_annotator
from tests.rejections import appealed, decide, rule_of

NOTES = (
    "The reason names no source, which the rule asks for.",
    f"Rule R2 asks to read both responses.\n\nThe second one is cut: {LONG}",
    "You chose the longer one, and the reason speaks of another question.",
)
STATEMENT = "The reason names the source in its second sentence: the manual, chapter 4."


def refused_of(tenant: Tenant, person: Annotator) -> dict[str, uuid.UUID]:
    """Reject three of the person's newest answers, and send two back. Returns the ids whose pages are opened."""
    with planes.in_workspace(tenant.pk):
        rows = Annotation.objects.filter(annotator_id=person.user.pk, state="submitted")
        ids = list(rows.order_by("-submitted_at").values_list("pk", flat=True)[:5])
    _reject(tenant, ids[:3])
    appealed(ids[1], tenant, person.user.pk, STATEMENT)
    appealed(ids[2], tenant, person.user.pk, STATEMENT)
    decide(ids[2], broken=False)
    _send_back(tenant, ids[3:])
    _revise(tenant, person, ids[4])
    return {"rejected": ids[0], "returned": ids[3], "revised": ids[4]}


def _reject(tenant: Tenant, ids: list[uuid.UUID]) -> None:
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        for annotation_id, note in zip(ids, NOTES, strict=True):
            rejecting.reject(
                annotation_id=annotation_id,
                reason="rule",
                rule=rule_of(annotation_id),
                note=note,
                reviewer_id=tenant.owner.pk,
            )


def _send_back(tenant: Tenant, ids: list[uuid.UUID]) -> None:
    with planes.in_workspace(tenant.pk, tenant.owner.pk):
        for annotation_id in ids:
            returning.send_back(
                annotation_id=annotation_id,
                note="See rule R2: the reason should say which part of the response decided.",
                reviewer_id=tenant.owner.pk,
            )


def _revise(tenant: Tenant, person: Annotator, annotation_id: uuid.UUID) -> None:
    path = f"/api/v1/desk/annotations/{annotation_id}/"
    draft = person.client.get(path).json()["draft"]
    body = {"answer": draft | {"reason": "Its first sentence answers the question."}}
    assert person.client.post(f"{path}revise/", body).status_code == 200


def archived(tenant: Tenant, person: Annotator) -> None:
    """Create an archived project in which the annotator earned money."""
    project = make_project(tenant, name="Last winter's answers")
    make_batch(project, items=1)
    there = make_annotator(project, user=person.user)
    there.submit(there.lease() or {})
    with scope(workspace=tenant.pk):  # by the owner: there is no verb for it yet
        Project.objects.filter(pk=project.pk).update(status=Project.Status.ARCHIVED)
