"""What funding shows on the pages of work: costs, progress, balances."""

import uuid
from dataclasses import dataclass
from typing import Any

from billing.funding import costs, selectors, views
from billing.funding.costs import Cost
from projects.items.boards import BATCH
from projects.items.models import Batch
from projects.plan.boards import WORKSPACE, Projects
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.roles import Capability


@dataclass(frozen=True, slots=True)
class FundingOfBatch:
    """What the batch costs, by how much the free balance is short of it, and while funding runs how far it is (the
    context of `web/_progress.html`).
    """

    cost: Cost
    available_minor: int
    short_minor: int
    progress: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class FundingOfWorkspace:
    """The free balance, and what is set aside for answers still to come, by project."""

    available_minor: int
    currency: str
    set_aside_minor: dict[uuid.UUID, int]


def on_batch(batch: Batch) -> FundingOfBatch:
    """The batch's cost, and its funding while it runs."""
    run = selectors.run_of(batch) if batch.funding != Batch.Funding.NONE else None
    cost = costs.cost_of(batch, run)
    progress = None
    if batch.funding == Batch.Funding.RUNNING:
        slug = Workspace.objects.values_list("slug", flat=True).get(pk=batch.workspace_id)
        progress = views.progress(batch, run, slug)
    return FundingOfBatch(
        cost=cost,
        available_minor=selectors.free_balance(batch.workspace_id, cost.currency),
        short_minor=costs.short_minor(batch, cost),
        progress=progress,
    )


def on_workspace(about: Projects) -> FundingOfWorkspace | None:
    """The workspace's money, for who may spend it."""
    if not about.member.may(Capability.SPEND):
        return None
    workspace = about.member.workspace
    paid = [project.pk for project in about.projects if project.price_minor]
    return FundingOfWorkspace(
        available_minor=selectors.free_balance(workspace.pk, workspace.currency),
        currency=workspace.currency,
        set_aside_minor=selectors.set_aside(workspace.pk, workspace.currency, paid) if paid else {},
    )


def register() -> None:
    """Called when the apps are ready."""
    BATCH.register("funding", on_batch)
    WORKSPACE.register("funding", on_workspace)
