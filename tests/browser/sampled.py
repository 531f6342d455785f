"""What reviewers asked for in the queue, for the screenshots: bulk accepts, sample checks with and without faults."""

from typing import Any

from projects.items.models import Batch
from projects.plan.models import Project
from projects.review.bulk import services as bulk
from projects.review.models import SampleAnswer
from projects.review.samples import services as samples
from projects.review.samples.checking import mark_checked
from projects.review.services import accepting, flags, returning
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.factories import Tenant


def ask(tenant: Tenant, project: Project, batch: Batch) -> dict[str, Any]:
    """Check a small sample with a fault, draw another, and ask to accept two answers. Returns the samples' ids."""
    owner = tenant.owner.pk
    with planes.in_workspace(tenant.pk, owner):
        scope = {"batch": batch, "enrollment": None, "member_id": owner}
        checked = samples.draw(**scope, bound_percent=30, confidence_percent=80)
        found = SampleAnswer.objects.filter(sample_check=checked).order_by("pk")
        first, *others = found.values_list("annotation", flat=True)
        returning.send_back(
            annotation_id=first, note="The reason names no source.", reviewer_id=owner
        )
        accepting.accept(annotation_ids=others, reviewer_id=owner)
        for one in [first, *others]:
            mark_checked(sample_id=checked.pk, annotation_id=one)
        drawn = samples.draw(**scope, bound_percent=10, confidence_percent=95)
        waiting = Annotation.objects.filter(project=project, state="submitted").order_by("pk")
        one, two, three = waiting.values_list("pk", flat=True)[:3]
        bulk.request_accept(project=project, annotation_ids=[one, two], member_id=owner)
        undone = bulk.request_accept(project=project, annotation_ids=[three], member_id=owner)
        bulk.undo(bulk_id=undone.pk, member_id=owner)
        flags.flag(annotation_ids=[three], reason="speed", weight=4)
    return {"sample_id": drawn.pk, "sample_checked": checked.pk}
