"""The cost of a batch, computed in one place for the page, for REST and for the run that moves the money."""

from dataclasses import dataclass
from datetime import datetime

from billing.funding import selectors
from billing.funding.models import Funding
from billing.readings import selectors as readings
from billing.readings.selectors import Readers
from billing.readings.services import readers_for
from projects.items.models import Batch
from projects.items.services import Plan, plan_of
from rlhfhub.ground import money

FEE_BASIS_POINTS = 2_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Slots of a batch and what they cost, in minor units: as funded, or as funding would be now.

    `slots` are those for data. Beside them stand `gold_slots` on `gold_items` keyed items. The reserve pays for
    `reserve_slots` more, which are made when they are asked for, and for `repeat_slots`, which are made as repeats
    fall due. `shared_items` of the `items` get more slots than the others, as the plan says. `readers` of the
    guidelines are paid besides. `started_at` is None before funding.
    """

    items: int
    items_done: int
    plan: Plan
    shared_items: int
    gold_items: int
    slots: int
    reserve_slots: int
    repeat_slots: int
    price_minor: int
    fee_minor: int
    currency: str
    readers: Readers
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def gold_slots(self) -> int:
        """How many answers to keyed items are paid for."""
        return self.gold_items * self.plan.overlap

    @property
    def each_minor(self) -> int:
        """Price and fee of one answer."""
        return self.price_minor + self.fee_minor

    @property
    def budget_minor(self) -> int:
        """Price and fee of the plan's slots, those for gold included."""
        return (self.slots + self.gold_slots) * self.each_minor

    @property
    def reserve_minor(self) -> int:
        """Price and fee of the slots that are made later: the reserve's and those for repeats."""
        return (self.reserve_slots + self.repeat_slots) * self.each_minor

    @property
    def total_minor(self) -> int:
        """What funding moves: budget and reserve, and what is set aside for reading the guidelines."""
        return self.budget_minor + self.reserve_minor + self.readers.total_minor


def cost_of(batch: Batch, run: Funding | None = None) -> Cost:
    """Return what the batch cost by its run, or what it would cost now by its plan and its project's price."""
    return _quote(batch) if run is None else _paid(run, plan_of(batch), batch)


def _quote(batch: Batch) -> Cost:
    plan, price = plan_of(batch), batch.project.price_minor
    return Cost(
        items=batch.items_count,
        items_done=0,
        plan=plan,
        shared_items=plan.shared(batch.items_count),
        gold_items=plan.gold(batch.items_count),
        slots=plan.slots(batch.items_count),
        reserve_slots=plan.reserve(batch.items_count),
        repeat_slots=plan.repeats(batch.items_count),
        price_minor=price,
        fee_minor=money.fee(price, FEE_BASIS_POINTS),
        currency=batch.project.currency,
        readers=_readers(batch, plan),
    )


def _readers(batch: Batch, plan: Plan) -> Readers:
    """Return whom the batch sets money aside for: everybody who answers an item of a round, else by its answers."""
    shared = plan.share_overlap if plan.shared(batch.items_count) else 0
    return readers_for(
        batch.project,
        answers=plan.slots(batch.items_count),
        at_least=max(plan.overlap, shared),
    )


def _paid(run: Funding, plan: Plan, batch: Batch) -> Cost:
    return Cost(
        items=run.items,
        items_done=run.items_done,
        plan=plan,
        shared_items=run.shared_items,
        gold_items=run.gold_items,
        slots=run.slots_paid - run.gold_items * run.overlap,
        reserve_slots=run.reserve_slots - run.repeat_slots,
        repeat_slots=run.repeat_slots,
        price_minor=run.price_minor,
        fee_minor=run.fee_minor,
        currency=run.currency,
        readers=readings.of_batch(batch),
        started_at=run.created_at,
        finished_at=run.finished_at,
    )


def short_minor(batch: Batch, cost: Cost) -> int:
    """Return how many minor units the workspace's free balance lacks for this cost, 0 or more. Workspace plane."""
    if cost.started_at or not cost.total_minor:
        return 0
    free = selectors.free_balance(batch.workspace_id, cost.currency)
    return max(0, cost.total_minor - free)
