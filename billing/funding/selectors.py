"""Funding runs and the balances of a workspace's accounts. Workspace plane."""

import uuid
from collections.abc import Sequence

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.urls import reverse

from billing.funding.models import Funding
from billing.ledger.models import Account
from projects.items.models import Batch
from rlhfhub.web.progress import Progress


def run_of(batch: Batch) -> Funding | None:
    """Return the funding run that made the slots of the batch's plan, or None before funding."""
    return Funding.objects.filter(batch=batch, purpose=Funding.Purpose.PLAN).first()


def reserve_slots_left(batch: Batch) -> int:
    """Return for how many more slots the batch's reserve pays: none before funding and after the close."""
    return reserves_left([batch]).get(batch.pk, 0)


def reserves_left(batches: Sequence[Batch]) -> dict[uuid.UUID, int]:
    """Return `reserve_slots_left` of several batches; those with nothing left may be missing."""
    paid = Sum(F("reserve_slots") - F("repeat_slots"), default=0)
    return _slots_left(batches, paid, Funding.Purpose.RESERVE)


def repeats_left(batch: Batch) -> int:
    """Return for how many more repeats the batch has paid: none before funding and after the close."""
    paid = Sum("repeat_slots", default=0)
    return _slots_left([batch], paid, Funding.Purpose.REPEAT).get(batch.pk, 0)


def _slots_left(
    batches: Sequence[Batch], paid: Sum, purpose: Funding.Purpose
) -> dict[uuid.UUID, int]:
    over = {Batch.Status.CLOSED, Batch.Status.SIGNED_OFF}
    ids = [batch.pk for batch in batches if batch.status not in over]
    made = Sum("slots_paid", filter=Q(purpose=purpose), default=0)
    if not ids:
        return {}
    rows = Funding.objects.filter(batch__in=ids).order_by().values("batch_id")
    sums = rows.annotate(paid=paid, made=made)
    return {row["batch_id"]: int(row["paid"] - row["made"]) for row in sums}


def reserve_balance(batch: Batch) -> int:
    """Return what the batch's reserve holds, in minor units."""
    account = Account.objects.filter(
        kind=Account.Kind.BATCH_RESERVE, workspace_id=batch.workspace_id, batch_id=batch.pk
    )
    return int(account.values_list("balance_minor", flat=True).first() or 0)


def progress_of(batch: Batch, run: Funding | None, slug: str) -> Progress:
    """Return how many items of the batch have their slots while its funding runs, for the workspace named `slug`."""
    return Progress(
        state="running",
        title="Making the slots",
        done=run.items_done if run else 0,
        total=run.items if run else None,
        detail="You can leave this page; it goes on by itself.",
        poll_url=reverse("fund_progress", args=[slug, batch.pk]),
    )


def free_balance(workspace_id: uuid.UUID, currency: str) -> int:
    """Return what the workspace has not set aside, in minor units."""
    return balance(workspace_id, currency, Account.Kind.WORKSPACE_AVAILABLE)


def balance(workspace_id: uuid.UUID, currency: str, kind: str) -> int:
    """Return the sum of the workspace's accounts of a kind, in minor units."""
    accounts = Account.objects.filter(kind=kind, currency=currency, workspace_id=workspace_id)
    return int(accounts.aggregate(total=Sum("balance_minor"))["total"] or 0)


def set_aside(
    workspace_id: uuid.UUID, currency: str, project_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return the minor units in the batch budgets and reserves of each of these projects."""
    accounts = Account.objects.filter(
        kind__in=[Account.Kind.BATCH_BUDGET, Account.Kind.BATCH_RESERVE],
        currency=currency,
        workspace_id=workspace_id,
        batch_id=OuterRef("pk"),
        person_id=None,
    )
    totals = accounts.order_by().values("batch_id").annotate(total=Sum("balance_minor"))
    batches = Batch.objects.filter(project_id__in=project_ids)
    sums = batches.annotate(aside=Subquery(totals.values("total"))).values("project_id")
    rows = sums.annotate(total=Sum("aside")).order_by()
    return {row["project_id"]: int(row["total"] or 0) for row in rows}
