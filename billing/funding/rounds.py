"""Funding a calibration round: both of its batches at once, after which the round is open."""

import uuid
from dataclasses import dataclass, replace

from billing.funding import selectors, services
from billing.funding.costs import Cost, cost_of
from billing.readings.selectors import Readers
from projects.calibration.models import Round
from projects.calibration.services import rounds
from projects.items.models import Batch
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused


@dataclass(frozen=True, slots=True)
class RoundCost:
    """What the two batches of a round cost, as funded or as funding would be now, and what the free balance lacks."""

    first: Cost
    second: Cost
    available_minor: int

    @property
    def total_minor(self) -> int:
        """Price and fee of all slots of the round."""
        return self.first.total_minor + self.second.total_minor

    @property
    def currency(self) -> str:
        """The currency of the cost."""
        return self.first.currency

    @property
    def short_minor(self) -> int:
        """How many minor units the free balance lacks; 0 once the round is funded."""
        unpaid = sum(cost.total_minor for cost in (self.first, self.second) if not cost.started_at)
        return max(0, unpaid - self.available_minor)


def cost_of_round(of: Round) -> RoundCost:
    """Return what the round costs. Workspace plane."""
    first, second = (_cost(batch.pk) for batch in rounds.batches_of(of))
    if not second.started_at:
        # Who takes the second attempt has read the guidelines for the first.
        second = replace(second, readers=Readers())
    return RoundCost(first, second, selectors.free_balance(of.workspace_id, first.currency))


def _cost(batch_id: uuid.UUID) -> Cost:
    batch = Batch.objects.select_related("project").get(pk=batch_id)
    run = selectors.run_of(batch) if batch.funding != Batch.Funding.NONE else None
    return cost_of(batch, run)


def fund_and_open(
    *, of: Round, actor_id: uuid.UUID | None, agreed_minor: int | None = None
) -> Round:
    """Move the money for both attempts of the round, make its slots, and open it. Workspace plane.

    `agreed_minor` is the cost that the caller was shown and agreed to, if any. An open round stays as it is.

    Raises: Refused when the cost is another one now, when the round is closed or no guidelines are in force; Overdrawn
    when the balance does not cover it.
    """
    found = rounds.locked(of)
    if found.state == Round.State.DRAFT:
        _check_agreed(cost_of_round(found), agreed_minor)
        for batch in rounds.batches_of(found):
            # A round has few items, so that its slots are made at once.
            services.start(batch=batch, actor_id=actor_id)
    return rounds.open_round(of=found, actor_id=actor_id)


def _check_agreed(cost: RoundCost, agreed_minor: int | None) -> None:
    if agreed_minor is None or agreed_minor == cost.total_minor:
        return
    total = format_minor(cost.total_minor, cost.currency)
    words = (
        f"The price has changed: the round now costs {total}. Nothing was moved; check the cost."
    )
    raise Refused("cost_changed", words, status=409)
