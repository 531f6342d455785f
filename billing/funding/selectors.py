"""What a batch costs, and how far its funding has come. Workspace plane."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Subquery, Sum

from billing.funding.models import Funding
from billing.funding.services import FEE_BASIS_POINTS
from billing.ledger.models import Account
from projects.items.models import Batch
from rlhfhub.ground import money


def run_of(batch: Batch) -> Funding | None:
    """The batch's funding run, if there was one."""
    return Funding.objects.filter(batch=batch).order_by("-created_at").first()


def free_balance(workspace_id: uuid.UUID, currency: str) -> int:
    """What the workspace has not set aside."""
    return balance(workspace_id, currency, Account.Kind.WORKSPACE_AVAILABLE)


def balance(workspace_id: uuid.UUID, currency: str, kind: str) -> int:
    """The sum over the workspace's accounts of a kind."""
    accounts = Account.objects.filter(kind=kind, currency=currency, workspace_id=workspace_id)
    return int(accounts.aggregate(total=Sum("balance_minor"))["total"] or 0)


def set_aside(
    workspace_id: uuid.UUID, currency: str, project_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """What stands in the budgets of each of these projects' batches."""
    budget = Account.objects.filter(
        kind=Account.Kind.BATCH_BUDGET,
        currency=currency,
        workspace_id=workspace_id,
        batch_id=OuterRef("pk"),
        person_id=None,
    )
    batches = Batch.objects.filter(project_id__in=project_ids)
    sums = batches.annotate(aside=Subquery(budget.values("balance_minor"))).values("project_id")
    rows = sums.annotate(total=Sum("aside")).order_by()
    return {row["project_id"]: int(row["total"] or 0) for row in rows}


def cost_of(batch: Batch, run: Funding | None) -> dict[str, Any]:
    """What the batch cost by its run, or would cost now."""
    project = batch.project
    price = run.price_minor if run else project.price_minor
    fee = run.fee_minor if run else money.fee(project.price_minor, FEE_BASIS_POINTS)
    slots = (run.items * run.overlap) if run else batch.items_count * project.overlap
    total = slots * (price + fee)
    available = free_balance(batch.workspace_id, project.currency) if total else 0
    return {
        "slots": slots,
        "price_minor": price,
        "fee_minor": fee,
        "total_minor": total,
        "available_minor": available,
        "short_minor": 0 if run else max(0, total - available),
        "currency": project.currency,
    }
