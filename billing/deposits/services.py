"""Verbs of members: ask for a deposit, cancel its invoice, let a worker look whether it was paid. Workspace plane."""

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
from rlhfhub.ground.refusals import Refused, invalid
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
    method: str = Deposit.Method.CARD,
    billing_email: str = "",
    reference: str = "",
) -> Deposit:
    """Ask for a page of Stripe's on which the workspace pays in `amount_minor`, or for an invoice; a worker makes it.

    An invoice goes to `billing_email`, and `reference` is printed on it.

    Raises: Refused when Stripe does not take this money, and, naming the field, for an amount out of bounds, for an
    invoice without an address, and for an address or reference without an invoice.
    """
    if not is_possible(workspace.currency):
        raise Refused(
            "not_by_stripe",
            f"Money in {workspace.currency} cannot be paid in here. Send it by bank transfer: staff book it.",
            status=409,
        )
    amounts.check(amount_minor, workspace.currency)
    _check_invoice(method, billing_email, reference)
    deposit = Deposit.objects.create(
        workspace=workspace,
        batch=batch,
        method=method,
        billing_email=billing_email,
        reference=reference,
        amount_minor=amount_minor,
        currency=workspace.currency,
        created_by_id=created_by_id,
    )
    deposit.refresh_from_db()
    audit.note(
        "deposit.ask",
        deposit.pk,
        actor_id=created_by_id,
        data={"amount_minor": amount_minor, "method": str(method)},
    )
    transaction.on_commit(lambda: broker.enqueue("deposits.open", expires=TASK_EXPIRES_SECONDS))
    return deposit


def _check_invoice(method: str, billing_email: str, reference: str) -> None:
    if method == Deposit.Method.INVOICE:
        if not billing_email:
            raise invalid("billing_email", "Say to which address the invoice goes.")
        return
    for name, value in (("billing_email", billing_email), ("reference", reference)):
        if value:
            raise invalid(name, "Only an invoice has this.")


def cancel(*, deposit: Deposit, actor_id: uuid.UUID | None) -> None:
    """Let a worker void the invoice of a deposit that nobody has paid.

    Raises: Refused if the deposit has no invoice that waits for its payment.
    """
    rows = Deposit.objects.filter(
        pk=deposit.pk, state=Deposit.State.OPEN, method=Deposit.Method.INVOICE
    ).exclude(page_url="")
    if not rows.update(cancel_asked_at=Now(), next_at=Now()):
        raise Refused(
            "not_cancelable", "Only an invoice that nobody has paid can be canceled.", status=409
        )
    audit.note("deposit.cancel", deposit.pk, actor_id=actor_id)
    transaction.on_commit(lambda: broker.enqueue("deposits.look", expires=TASK_EXPIRES_SECONDS))


def want_look(*, deposit: Deposit) -> None:
    """Let a worker look at an open deposit now, unless one did in the last seconds."""
    rows = Deposit.objects.filter(pk=deposit.pk, state=Deposit.State.OPEN, next_at__gt=Now())
    is_due = Q(looked_at=None) | Q(looked_at__lt=Now() - LOOK_AGAIN)
    if rows.filter(is_due).update(next_at=Now()):
        transaction.on_commit(lambda: broker.enqueue("deposits.look", expires=TASK_EXPIRES_SECONDS))
