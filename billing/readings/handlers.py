"""What follows for money for reading when guidelines are published and when batches are closed."""

from collections.abc import Sequence

from billing.readings import services
from billing.readings.models import BUDGET_COVERS
from projects.enrollment import acceptances
from projects.enrollment.acceptances import Refusal
from projects.items.models import Batch
from projects.items.services import BATCH_CLOSED
from projects.plan import publishing
from projects.plan.publishing import Follow
from rlhfhub.events import outbox
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane

_UNFUNDED = (
    "This project pays for reading its guidelines, and has no money set aside for that at the moment. Its owners are "
    "told: come back later."
)


def on_batch_closed(facts: Sequence[Fact]) -> None:
    """Give back what the projects of closed batches need no more. System plane; a task does what this could not."""
    closed = Batch.objects.filter(pk__in=[fact.subject_id for fact in facts])
    for project_id in sorted(closed.values_list("project_id", flat=True).distinct().order_by()):
        services.give_back(project_id=project_id)


def register() -> None:
    """Register the handler, and what follows a published version. Called when the apps are ready."""
    outbox.subscribe(BATCH_CLOSED, on_batch_closed, plane=Plane.SYSTEM)
    acceptances.register(BUDGET_COVERS, Refusal("reading_unfunded", _UNFUNDED))
    publishing.register(Follow(do=services.follow_version))
