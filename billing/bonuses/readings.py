"""Pays annotators for reading guidelines, with their first accepted answer under them."""

import uuid
from collections.abc import Sequence

from billing.bonuses import handlers
from billing.bonuses.models import Bonus
from billing.readings import services
from billing.readings.models import Reading
from projects.review.services.accepting import ACCEPTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.ground.ids import uuid7
from rlhfhub.tenancy.planes import Plane


def on_accepted(facts: Sequence[Fact]) -> None:
    """Pay for the reading that these accepted answers earned. System plane."""
    ids = [uuid.UUID(i) for fact in facts for i in fact.data["annotation_ids"]]
    for reading in services.earned(annotation_ids=ids):
        handlers.pay(_bonus_for(reading).pk)


def _bonus_for(reading: Reading) -> Bonus:
    version = reading.guideline_version.number
    return Bonus.objects.create(
        id=uuid7(),
        workspace_id=reading.workspace_id,
        enrollment_id=reading.enrollment_id,
        annotator_id=reading.annotator_id,
        reading=reading,
        amount_minor=reading.amount_minor,
        currency=reading.currency,
        reason=f"Reading the guidelines, version {version}",
    )


_UNPAID = """
    SELECT d.workspace_id, a.project_id AS subject_id,
           jsonb_build_object('annotation_ids', jsonb_agg(a.id), 'item_ids', jsonb_agg(a.item_id)) AS data
    FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
    JOIN projects_plan_guidelineversion answered ON answered.id = a.guideline_version_id
    JOIN billing_readings_reading r ON r.enrollment_id = a.enrollment_id AND r.state = 'promised'
    JOIN projects_plan_guidelineversion read ON read.id = r.guideline_version_id AND read.number <= answered.number
    WHERE d.id > %(after)s AND d.id <= %(end)s AND a.state = 'accepted'
    GROUP BY d.workspace_id, a.project_id
"""
OWED = Debt(
    "reading is paid with the first accepted answer", ACCEPTED, "projects_review_decision", _UNPAID
)


def register() -> None:
    """Register the handler and its check for lost events. Called when the apps are ready."""
    debts.register(OWED)
    outbox.subscribe(ACCEPTED, on_accepted, plane=Plane.SYSTEM)
