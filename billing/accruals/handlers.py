"""Handler of the event that work was accepted: book its price as earned."""

from collections.abc import Sequence

from billing.accruals import services
from projects.review.services import ACCEPTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane


def on_accepted(facts: Sequence[Fact]) -> None:
    """Book what the accepted annotations earned. System plane: a workspace does not see annotators' accounts."""
    services.accrue(annotation_ids=[i for fact in facts for i in fact.data["annotation_ids"]])


# A decision's id is a UUIDv7 that the database makes in the accepting statement, so ids are in the order of time.
_MISSING = """
    SELECT d.workspace_id, a.project_id AS subject_id,
           jsonb_build_object('annotation_ids', jsonb_agg(a.id)) AS data
    FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
    WHERE d.id > %(after)s AND d.id <= %(end)s AND a.state = 'accepted' AND a.price_minor + a.fee_minor > 0
      AND NOT EXISTS (SELECT FROM billing_ledger_journal j WHERE j.cause = 'accrual:' || a.id)
    GROUP BY d.workspace_id, a.project_id
"""
ACCRUAL_OWED = Debt(
    "an accepted annotation has its accrual", ACCEPTED, "projects_review_decision", _MISSING
)


def register() -> None:
    """Register the handler and its check for lost events. Called when the apps are ready."""
    debts.register(ACCRUAL_OWED)
    outbox.subscribe(ACCEPTED, on_accepted, plane=Plane.SYSTEM)
