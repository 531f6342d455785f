"""Asks for money back: which deposits give how much of it, and what goes by bank. Workspace plane."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Now

from billing.deposits import freezing
from billing.deposits.models import Deposit, Dispute, Refund
from billing.deposits.services import TASK_EXPIRES_SECONDS
from billing.ledger.selectors import free_minor
from billing.stripe.client import is_set_up
from rlhfhub.events import broker
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.raw import constraint_of

#: A payment can be refunded by Stripe for so long.
REFUNDABLE = timedelta(days=180)
#: One request gives back of so many deposits at most; the rest goes by bank.
MOST_LOTS = 50


def refundable_minor(workspace: Workspace) -> int:
    """Return how much the workspace can ask for: its free balance, less what it has asked for already."""
    waiting = Refund.objects.filter(state=Refund.State.ASKED, currency=workspace.currency)
    asked = int(waiting.aggregate(total=Sum("amount_minor"))["total"] or 0)
    return max(0, free_minor(workspace.pk, workspace.currency) - asked)


def ask(
    *, workspace: Workspace, amount_minor: int, created_by_id: uuid.UUID | None
) -> list[Refund]:
    """Ask for money back: from the newest deposits that have something left, and the rest by bank.

    Returns: one refund for each deposit that gives something, and perhaps one by bank.
    Raises: Refused, naming `amount_minor`, for more than is free; while the workspace is frozen; and when two requests
    come at once.
    """
    freezing.check(workspace.pk)
    _check(workspace, amount_minor)
    rows = list(_parts(workspace, amount_minor, created_by_id))
    try:
        with transaction.atomic():
            made = [_saved(row) for row in rows]
    except IntegrityError as error:
        if constraint_of(error) == "refund_of_deposit":
            raise Refused(
                "asked_meanwhile", "Somebody asked for money back just now. Try again.", status=409
            ) from error
        raise
    data = {"amount_minor": amount_minor, "refunds": [str(row.pk) for row in made]}
    audit.note("refund.ask", workspace.pk, actor_id=created_by_id, data=data)
    transaction.on_commit(lambda: broker.enqueue("deposits.refund", expires=TASK_EXPIRES_SECONDS))
    return made


def _saved(row: Refund) -> Refund:
    row.save(force_insert=True)
    row.refresh_from_db()
    return row


def _check(workspace: Workspace, amount_minor: int) -> None:
    most = refundable_minor(workspace)
    if amount_minor < 1:
        raise invalid("amount_minor", "Ask for more than zero.")
    if amount_minor > most:
        words = (
            f"The free balance that can be given back is {format_minor(most, workspace.currency)}."
        )
        raise invalid("amount_minor", words)


def _parts(
    workspace: Workspace, amount_minor: int, created_by_id: uuid.UUID | None
) -> Iterator[Refund]:
    """Yield a refund for each deposit that gives something of the amount, and one by bank for the rest."""
    rest = amount_minor
    about = {
        "workspace": workspace,
        "currency": workspace.currency,
        "created_by_id": created_by_id,
    }
    for deposit in _lots(workspace) if is_set_up() else ():
        part = min(rest, deposit.left_minor)  # type: ignore[attr-defined]
        if not part:
            break
        rest -= part
        yield Refund(deposit=deposit, way=Refund.Way.STRIPE, amount_minor=part, **about)
    if rest:
        yield Refund(way=Refund.Way.BANK, amount_minor=rest, **about)


def _lots(workspace: Workspace) -> list[Deposit]:
    """Return the deposits that can give something back, the newest first, each with `left_minor`."""
    given = Refund.objects.filter(deposit=OuterRef("pk")).exclude(state=Refund.State.FAILED)
    total = given.order_by().values("deposit").annotate(total=Sum("amount_minor")).values("total")
    disputed = Dispute.objects.exclude(state=Dispute.State.INQUIRY).values("deposit_id")
    rows = Deposit.objects.filter(
        state=Deposit.State.PAID,
        currency=workspace.currency,
        settled_in="",
        paid_at__gte=Now() - REFUNDABLE,
    )
    left = rows.annotate(left_minor=F("received_minor") - Coalesce(Subquery(total), 0))
    # Stripe would give a bank transfer back to the customer's balance at Stripe, where it is of no use to them.
    found = left.filter(left_minor__gt=0).exclude(
        Q(pk__in=disputed) | Q(paid_by="customer_balance")
    )
    return list(found.order_by("-paid_at", "-id")[:MOST_LOTS])
