"""The platform's workspace, and the annotators who decide appeals there."""

import uuid
from typing import Any

from django.core.management import call_command
from django.db import connection

from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.models import Decision
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.planes import Plane
from rlhfhub.tenancy.staff import site
from tests.factories import Tenant, make_batch, make_deposit
from tests.people import Annotator, make_annotator, make_user
from tests.rejections import appealed, rejected

SLUG = "the-platform"
PAY = 200
COST = 240
WHY = "The rule asks for something else."


def make_platform() -> Tenant:
    """The platform's workspace, with money. The owner's login makes it, outside the planes."""
    boss = make_user("Boss", is_staff=True)
    call_command("platform", price_minor=PAY)
    with planes.as_system():
        workspace = Workspace.objects.get(slug=SLUG)
    make_deposit(workspace, 10_000)
    return Tenant(workspace, boss, "")


def answer_to_appeal(project: Project, annotator: Annotator) -> uuid.UUID:
    """An answer to the only item of a new batch, which has one slot."""
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    lease = annotator.lease()
    assert lease
    return uuid.UUID(annotator.submit(lease, 0, "qzreason").json()["id"])


def appeal(answer: uuid.UUID, tenant: Tenant, annotators: list[Annotator]) -> None:
    """The tenant's owner rejects the answer, its annotator appeals, and what follows is done."""
    rejected(answer, tenant)
    dispatch.drain()
    appealed(answer, tenant, annotators[0].user.pk, "I followed the rule, qzstatement.")
    dispatch.drain()


def project_of(platform: Tenant) -> Project:
    with planes.in_workspace(platform.pk):
        return Project.objects.get(purpose="appeal")


def decider(platform: Tenant, user: Any = None) -> Annotator:
    """An annotator of the project of appeals, which takes answers by program for tests."""
    project = project_of(platform)
    with planes.in_workspace(platform.pk):
        Project.objects.filter(pk=project.pk).update(programs=True)
    return make_annotator(project, user=user)


def ends(tenant: Tenant) -> list[tuple[str, str, Any, str]]:
    with planes.in_workspace(tenant.pk):
        rows = Decision.objects.filter(stage=2)
        return list(rows.values_list("verdict", "by", "reviewer_id", "note"))


def status_of(platform: Tenant) -> list[str]:
    with planes.in_workspace(platform.pk):
        return list(Batch.objects.order_by("number").values_list("status", flat=True))


def overview() -> int:
    """How many appeals wait for staff, as their overview says."""
    with planes.entered(Plane.STAFF):
        return next(
            one.count
            for source in site._waits
            if (one := source()).words == "Appeals without a decision"
        )


def lose_events() -> None:
    """Delete what is not yet delivered, so that the next sweep looks at everything."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM rlhfhub_events_event WHERE dispatched_at IS NULL")
        cursor.execute("DELETE FROM rlhfhub_events_sweepmark")
