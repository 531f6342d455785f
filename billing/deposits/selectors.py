"""Deposits as pages and REST show them, and whose payments are too young to be paid out. Workspace plane, if no other
is named.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min, QuerySet

from billing.deposits.models import Deposit, Dispute
from rlhfhub.tenancy import clock

#: A page goes on to Stripe's by itself for so long after its visitor asked for the deposit.
GOES_ON = timedelta(minutes=2)
#: After so long without an answer of Stripe the page says that it waits for it.
SLOW = timedelta(seconds=15)


def deposits() -> QuerySet[Deposit]:
    """Return the workspace's deposits."""
    rows: QuerySet[Deposit] = Deposit.objects.select_related("batch")
    return rows


def disputes_of(deposit: Deposit) -> list[Dispute]:
    """Return the disputes of a deposit, of which a payment has few: the newest first."""
    return list(Dispute.objects.filter(deposit=deposit).order_by("-id")[:10])


def is_taken_back(disputes: Sequence[Dispute]) -> bool:
    """Return whether the bank has what a deposit brought."""
    return any(one.state in (Dispute.State.OPEN, Dispute.State.LOST) for one in disputes)


def goes_on(deposit: Deposit, now: datetime) -> bool:
    """Return whether whoever asked for the deposit may still wait for Stripe's page."""
    return (
        deposit.method == Deposit.Method.CARD
        and now - deposit.asked_at < GOES_ON
        and deposit.state in (Deposit.State.ASKED, Deposit.State.OPEN)
    )


def is_slow(deposit: Deposit, now: datetime) -> bool:
    """Return whether Stripe's page should be there by now and is not."""
    return deposit.state == Deposit.State.ASKED and now - deposit.asked_at > SLOW


def is_overdue(deposit: Deposit, now: datetime) -> bool:
    """Return whether the deposit's invoice should be paid by now and is not."""
    return (
        deposit.state == Deposit.State.OPEN and deposit.due_at is not None and deposit.due_at < now
    )


def young_workspaces(workspace_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of these workspaces whose first payment by Stripe came within the hold. System plane."""
    since = clock.now() - timedelta(days=settings.STRIPE_CARD_HOLD_DAYS)
    paid = Deposit.objects.filter(workspace__in=workspace_ids, state=Deposit.State.PAID)
    firsts = paid.values("workspace").order_by().annotate(first=Min("paid_at"))
    return set(firsts.filter(first__gt=since).values_list("workspace", flat=True))
