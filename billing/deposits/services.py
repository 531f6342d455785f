"""Verbs of members: ask for a deposit, and let a worker look whether it was paid. Workspace plane."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from billing.deposits import amounts
from billing.deposits.models import Deposit
from billing.stripe.calls.sending import takes
from billing.stripe.client import is_set_up
from projects.items.models import Batch
from rlhfhub.events import broker
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.models import Workspace

TASK_EXPIRES_SECONDS = 60
#: A visitor's page lets a worker look at a deposit again after so long.
LOOK_AGAIN = timedelta(seconds=10)


def is_possible(currency: str) -> bool:
    """Return whether money of this currency can be paid in by Stripe."""
    return is_set_up() and takes(currency)


def ask(
    *,
    workspace: Workspace,
    amount_minor: int,
    created_by_id: uuid.UUID | None,
    batch: Batch | None = None,
) -> Deposit:
    """Ask for a page of Stripe's on which the workspace pays in `amount_minor`; a worker makes it.

    Raises: Refused when Stripe does not take this money, and, naming `amount_minor`, for an amount out of bounds.
    """
    if not is_possible(workspace.currency):
        raise Refused(
            "not_by_stripe",
            f"Money in {workspace.currency} cannot be paid in here. Send it by bank transfer: staff book it.",
            status=409,
        )
    amounts.check(amount_minor, workspace.currency)
    deposit = Deposit.objects.create(
        workspace=workspace,
        batch=batch,
        amount_minor=amount_minor,
        currency=workspace.currency,
        created_by_id=created_by_id,
    )
    deposit.refresh_from_db()
    audit.note(
        "deposit.ask", deposit.pk, actor_id=created_by_id, data={"amount_minor": amount_minor}
    )
    transaction.on_commit(lambda: broker.enqueue("deposits.open", expires=TASK_EXPIRES_SECONDS))
    return deposit


def want_look(*, deposit: Deposit) -> None:
    """Let a worker look at an open deposit now, unless one did in the last seconds."""
    rows = Deposit.objects.filter(pk=deposit.pk, state=Deposit.State.OPEN, next_at__gt=Now())
    is_due = Q(looked_at=None) | Q(looked_at__lt=Now() - LOOK_AGAIN)
    if rows.filter(is_due).update(next_at=Now()):
        transaction.on_commit(lambda: broker.enqueue("deposits.look", expires=TASK_EXPIRES_SECONDS))
