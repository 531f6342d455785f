"""Panels that funding adds to the pages of a batch, an alert and a workspace: costs, progress, balances."""

import uuid
from dataclasses import dataclass

from billing.funding import costs, replacements, reserve, selectors
from billing.funding.costs import Cost
from billing.funding.gold import Supply, supply_of
from billing.funding.models import Funding
from billing.funding.rounds import cost_of_round
from projects.calibration.boards import ROUND
from projects.items.boards import BATCH, ITEM
from projects.items.models import Batch, Item
from projects.plan.boards import WORKSPACE, ShownProjects
from projects.quality.alerts import affected
from projects.quality.alerts.boards import AFFECTED
from projects.quality.alerts.models import Alert
from projects.work.models import Slot
from rlhfhub.tenancy.models import Workspace
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.costly import remembered
from rlhfhub.web.progress import Progress

#: The newest requests for more answers that an alert's page lists.
ASKED = 10


@dataclass(frozen=True, slots=True)
class FundingOfBatch:
    """What the batch costs, how much the free balance lacks for it, and the progress while funding runs.

    The reserve pays for `reserve_left` more answers; `replacements` rejected answers wait for it. `gold` says, before
    funding, whether there are enough keyed items.
    """

    cost: Cost
    available_minor: int
    short_minor: int
    reserve_left: int
    replacements: int
    gold: Supply
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class ReserveOfItem:
    """For how many more answers the reserve of the item's batch pays, and how many can be asked for at once.

    `awaited` is how many answers are paid for and not given yet.
    """

    left: int
    most: int
    awaited: int


@dataclass(frozen=True, slots=True)
class FundingOfWorkspace:
    """The free balance, and what each project has set aside for answers still to come."""

    available_minor: int
    currency: str
    set_aside_minor: dict[uuid.UUID, int]


@dataclass(frozen=True, slots=True)
class ReserveOfBatch:
    """For how many more answers a batch's reserve pays, and what each costs, with the fee."""

    left: int
    each_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class FundingOfAlert:
    """The reserves of the batches whose answers an alert is about, and the runs that it has led to, newest first."""

    reserves: dict[uuid.UUID, ReserveOfBatch]
    asked: list[Funding]


def on_alert(alert: Alert) -> FundingOfAlert:
    """Return what more answers to an alert's items cost, and what was asked for."""
    ids = affected.for_data(alert).order_by().values_list("batch_id").distinct()
    asked = Funding.objects.filter(alert=alert).select_related("batch").order_by("-pk")
    batches = list(Batch.objects.filter(pk__in=ids))
    left = selectors.reserves_left(batches)
    return FundingOfAlert(
        reserves={batch.pk: _reserve(batch, left.get(batch.pk, 0)) for batch in batches},
        asked=list(asked[:ASKED]),
    )


def _reserve(batch: Batch, left: int) -> ReserveOfBatch:
    each = (batch.price_minor or 0) + (batch.fee_minor or 0)
    return ReserveOfBatch(left, each, batch.currency or "")


def on_batch(batch: Batch) -> FundingOfBatch:
    """Return the batch's cost, and the progress of its funding while that runs."""
    run = selectors.run_of(batch) if batch.funding != Batch.Funding.NONE else None
    cost = costs.cost_of(batch, run)
    progress = None
    if batch.funding == Batch.Funding.RUNNING:
        slug = Workspace.objects.values_list("slug", flat=True).get(pk=batch.workspace_id)
        progress = selectors.progress_of(batch, run, slug)
    return FundingOfBatch(
        cost=cost,
        available_minor=selectors.free_balance(batch.workspace_id, cost.currency),
        short_minor=costs.short_minor(batch, cost),
        reserve_left=selectors.reserve_slots_left(batch) if run else 0,
        replacements=replacements.waiting(batch) if run else 0,
        gold=Supply(0, 0) if run else _supply(batch, cost.gold_items),
        progress=progress,
    )


def _supply(batch: Batch, gold_items: int) -> Supply:
    return remembered(f"gold:{batch.pk}:{gold_items}", lambda: supply_of(batch, gold_items))


def on_item(item: Item) -> ReserveOfItem:
    """Return how many more answers can be asked for, and how many were asked for and are awaited."""
    unanswered = Slot.objects.filter(item=item, state__in=[Slot.State.OPEN, Slot.State.LEASED])
    return ReserveOfItem(
        left=selectors.reserve_slots_left(item.batch),
        most=reserve.MAX_ANSWERS,
        awaited=unanswered.count(),
    )


def on_workspace(about: ShownProjects) -> FundingOfWorkspace | None:
    """Return the workspace's money, or None for members who may not spend it."""
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
    """Register the panels. Called when the apps are ready."""
    BATCH.register("funding", on_batch)
    ITEM.register("funding", on_item)
    WORKSPACE.register("funding", on_workspace)
    ROUND.register("funding", cost_of_round)
    AFFECTED.register("funding", on_alert)
