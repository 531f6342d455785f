"""Pays annotators what was promised to them, and tells them."""

import uuid
from collections.abc import Sequence

from django.db.models import Q

from billing.bonuses import notices
from billing.bonuses.models import Bonus
from billing.bonuses.services import PROMISED
from billing.deposits.selectors import young_workspaces
from billing.ledger import entries
from billing.ledger.models import Journal
from billing.ledger.services import post
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.tenancy.planes import Plane


def on_promised(facts: Sequence[Fact]) -> None:
    """Book bonuses, by their ids and those of top-ups, to their annotators. System plane."""
    for fact in facts:
        pay(fact.subject_id)


def pay(cause_id: uuid.UUID) -> int:
    """Book a bonus, or all those of a top-up, and tell who gets them. System plane. Returns new journals."""
    rows = Bonus.objects.filter(Q(pk=cause_id) | Q(top_up=cause_id))
    bonuses = list(rows)
    # What is booked may have been booked as not clear, and would be booked otherwise now.
    causes = [f"bonus:{one.pk}" for one in bonuses]
    booked = set(Journal.objects.filter(cause__in=causes).values_list("cause", flat=True))
    young = young_workspaces({one.workspace_id for one in bonuses})
    new = post(
        [
            entries.bonus(
                workspace_id=one.workspace_id,
                person_id=one.annotator_id,
                currency=one.currency,
                amount_minor=one.amount_minor,
                bonus_id=one.pk,
                is_clear=one.workspace_id not in young,
            )
            for one, cause in zip(bonuses, causes, strict=True)
            if cause not in booked
        ]
    )
    notices.tell(rows, cause_id)
    return new


_UNPAID = """
    SELECT b.workspace_id, COALESCE(b.top_up_id, b.id) AS subject_id, '{}'::jsonb AS data
    FROM billing_bonuses_bonus b WHERE b.id > %(after)s AND b.id <= %(end)s
      AND NOT EXISTS (SELECT FROM billing_ledger_journal j WHERE j.cause = 'bonus:' || b.id)
    GROUP BY 1, 2
"""
OWED = Debt("a bonus is paid to its annotator", PROMISED, "billing_bonuses_bonus", _UNPAID)


def register() -> None:
    """Register the handler and its check for lost events. Called when the apps are ready."""
    debts.register(OWED)
    outbox.subscribe(PROMISED, on_promised, plane=Plane.SYSTEM)
