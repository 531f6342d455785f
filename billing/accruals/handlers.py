"""Handlers of decisions: they book the price of work as earned, put it on hold, or give it back."""

from collections.abc import Sequence

from billing.accruals import services
from projects.review.services.accepting import ACCEPTED
from projects.review.services.appeals import FINAL
from projects.review.services.rejecting import REJECTED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane


def on_accepted(facts: Sequence[Fact]) -> None:
    """Book what the accepted annotations earned. System plane: a workspace does not see annotators' accounts."""
    services.accrue(annotation_ids=_annotations(facts))


def on_rejected(facts: Sequence[Fact]) -> None:
    """Put price and fee of the rejected annotations on hold. System plane."""
    services.hold(annotation_ids=_annotations(facts))


def on_final(facts: Sequence[Fact]) -> None:
    """Give price and fee of finally rejected annotations back to the workspace. System plane."""
    services.finish(annotation_ids=_annotations(facts))


def _annotations(facts: Sequence[Fact]) -> list[str]:
    return [i for fact in facts for i in fact.data["annotation_ids"]]


# A decision's id is a UUIDv7 made when it is decided, so ids are in the order of time.
_MISSING = """
    SELECT d.workspace_id, a.project_id AS subject_id,
           jsonb_build_object('annotation_ids', jsonb_agg(a.id), 'item_ids', jsonb_agg(a.item_id)) AS data
    FROM projects_review_decision d JOIN projects_work_annotation a ON a.id = d.annotation_id
    WHERE d.id > %(after)s AND d.id <= %(end)s AND a.price_minor + a.fee_minor > 0 AND {which}
      AND NOT EXISTS (SELECT FROM billing_ledger_journal j WHERE j.cause = '{kind}:' || a.id)
    GROUP BY d.workspace_id, a.project_id
"""
_DECISIONS = "projects_review_decision"
DEBTS = (
    Debt(
        "an accepted annotation has its accrual",
        ACCEPTED,
        _DECISIONS,
        _MISSING.format(kind="accrual", which="a.state = 'accepted'"),
    ),
    Debt(
        "the money of a rejected annotation is on hold",
        REJECTED,
        _DECISIONS,
        _MISSING.format(kind="reject", which="d.verdict = 'rejected'"),
    ),
    Debt(
        "the money of a final rejection is given back",
        FINAL,
        _DECISIONS,
        _MISSING.format(kind="rejectfinal", which="d.verdict IN ('upheld', 'lapsed')"),
    ),
)


def register() -> None:
    """Register the handlers and their checks for lost events. Called when the apps are ready."""
    for debt in DEBTS:
        debts.register(debt)
    outbox.subscribe(ACCEPTED, on_accepted, plane=Plane.SYSTEM)
    outbox.subscribe(REJECTED, on_rejected, plane=Plane.SYSTEM)
    outbox.subscribe(FINAL, on_final, plane=Plane.SYSTEM)
