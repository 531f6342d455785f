"""What funding shows on the pages of work: costs, progress, balances."""

from typing import Any

from billing.funding import costs, selectors, views
from projects.items.models import Batch
from rlhfhub.tenancy.decorators import Member
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.panels import contribute


def on_batch(batch: Batch) -> dict[str, Any]:
    """The batch's cost, and its funding while it runs."""
    run = selectors.run_of(batch) if batch.funding != Batch.Funding.NONE else None
    cost = costs.cost_of(batch, run)
    found: dict[str, Any] = {
        "cost": cost,
        "available_minor": selectors.free_balance(batch.workspace_id, cost.currency),
        "short_minor": costs.short_minor(batch, cost),
    }
    if batch.funding == Batch.Funding.RUNNING:
        slug = Workspace.objects.values_list("slug", flat=True).get(pk=batch.workspace_id)
        found["fund_progress"] = views.progress(batch, run, slug)
    return found


def on_workspace(member: Member, cards: list[dict[str, Any]]) -> dict[str, Any]:
    """The free balance, and on each card what is set aside for its project: for who may spend it."""
    if not member.may(Capability.SPEND):
        return {}
    workspace = member.workspace
    if any(card["project"].price_minor for card in cards):
        ids = [card["project"].pk for card in cards]
        aside = selectors.set_aside(workspace.pk, workspace.currency, ids)
        for card in cards:
            card["set_aside_minor"] = aside.get(card["project"].pk, 0)
    return {"available_minor": selectors.free_balance(workspace.pk, workspace.currency)}


def register() -> None:
    """Called when the apps are ready."""
    contribute("batch", on_batch)
    contribute("workspace", on_workspace)
