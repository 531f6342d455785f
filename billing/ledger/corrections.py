"""Corrections: two members of staff reverse a journal that was posted in error. Nothing is ever changed or deleted."""

import uuid

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from billing.ledger import entries
from billing.ledger.entries import Purse
from billing.ledger.models import Correction, Journal, Posting
from billing.ledger.services import post
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of

_REFUSALS = {
    "correction_once": "This journal is already reversed, or somebody has asked for it.",
    "correction_of_kind": "A journal of this kind is not reversed: answers, batches or payouts count on it.",
}


def ask(*, journal_id: uuid.UUID, reason: str, actor_id: uuid.UUID) -> Correction:
    """Ask for a journal to be reversed. Staff plane.

    Raises: Refused without a reason, for a kind that other rooms count on, and for a second time.
    """
    if not reason.strip():
        raise Refused("invalid", "reason: say what was wrong, for whoever decides")
    try:
        with transaction.atomic():
            return Correction.objects.create(
                journal_id=journal_id, reason=reason.strip(), asked_by_id=actor_id
            )
    except IntegrityError as error:
        if message := _REFUSALS.get(constraint_of(error)):
            raise Refused("conflict", message, status=409) from error
        raise


def decide(*, correction_id: uuid.UUID, approve: bool, actor_id: uuid.UUID) -> bool:
    """Reverse the journal, or refuse to. Staff plane.

    Returns: False when it was decided before.
    Raises: Refused for whoever asked for it, Overdrawn where the money is no longer there.
    """
    correction = Correction.objects.select_for_update().get(pk=correction_id)
    if correction.decided_by_id:
        return False
    if approve and correction.asked_by_id == actor_id:
        raise Refused(
            "forbidden",
            "You asked for this correction. Somebody else has to approve it.",
            status=403,
        )
    Correction.objects.filter(pk=correction.pk).update(
        decided_by_id=actor_id, decided_at=Now(), approved=approve
    )
    if approve:
        post([_reversal(correction, actor_id)])
    return True


def _reversal(correction: Correction, actor_id: uuid.UUID) -> entries.Entry:
    journal = Journal.objects.get(pk=correction.journal_id)
    postings = Posting.objects.filter(journal=journal).select_related("account").order_by("id")
    return entries.reversal(
        journal_id=journal.pk,
        workspace_id=journal.workspace_id,
        lines=tuple((_purse(posting), posting.amount_minor) for posting in postings),
        reason=correction.reason,
        actor_id=actor_id,
    )


def _purse(posting: Posting) -> Purse:
    one = posting.account
    return Purse(one.kind, one.currency, one.workspace_id, one.batch_id, one.person_id)
