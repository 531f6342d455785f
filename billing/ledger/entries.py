"""Pure builders of balanced journals: what moves from which account to which, and the unique cause.

Amounts are signed minor units; liabilities and income are positive, assets negative. The lines of every journal
sum to zero.
"""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Purse:
    """What identifies an account: its kind, currency and owner."""

    kind: str
    currency: str
    workspace_id: uuid.UUID | None = None
    batch_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal to post."""

    kind: str
    cause: str
    workspace_id: uuid.UUID | None
    lines: tuple[tuple[Purse, int], ...]
    note: str = ""
    actor_id: uuid.UUID | None = None

    def __post_init__(self) -> None:
        if sum(amount for _, amount in self.lines) != 0:
            raise ValueError(f"{self.cause}: the lines do not sum to zero")
        if len({purse.currency for purse, _ in self.lines}) != 1:
            raise ValueError(f"{self.cause}: more than one currency")


def platform(kind: str, currency: str) -> Purse:
    """Return the purse of one of the platform's own accounts."""
    return Purse(kind, currency)


def available(workspace_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a workspace's free balance."""
    return Purse("workspace_available", currency, workspace_id)


def budget(workspace_id: uuid.UUID, batch_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a batch's job budget: price and fee of its slots that are not yet earned or released."""
    return Purse("batch_budget", currency, workspace_id, batch_id)


def reserve(workspace_id: uuid.UUID, batch_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a batch's reserve: what is set aside for slots that may be asked for later."""
    return Purse("batch_reserve", currency, workspace_id, batch_id)


def hold(workspace_id: uuid.UUID, batch_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a batch's rejected work: price and fee until the rejection is final or overturned."""
    return Purse("rejection_hold", currency, workspace_id, batch_id)


def payable(person_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of what an annotator has earned and not been paid."""
    return Purse("annotator_payable", currency, person_id=person_id)


def deposit(
    *,
    workspace_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    reference: str,
    actor_id: uuid.UUID,
    note: str,
) -> Entry:
    """Build the journal of money received for a workspace, as a member of staff confirmed."""
    return Entry(
        "deposit",
        f"deposit:{reference}",
        workspace_id,
        (
            (platform("platform_cash", currency), -amount_minor),
            (available(workspace_id, currency), amount_minor),
        ),
        note,
        actor_id,
    )


def fund(
    *,
    workspace_id: uuid.UUID,
    batch_id: uuid.UUID,
    currency: str,
    budget_minor: int,
    reserve_minor: int,
    funding_id: uuid.UUID,
) -> Entry:
    """Build the journal that moves money from the workspace's free balance into a batch's budget and reserve."""
    return Entry(
        "fund",
        f"fund:{funding_id}",
        workspace_id,
        _without_zeros(
            (available(workspace_id, currency), -budget_minor - reserve_minor),
            (budget(workspace_id, batch_id, currency), budget_minor),
            (reserve(workspace_id, batch_id, currency), reserve_minor),
        ),
    )


def draw(
    *,
    workspace_id: uuid.UUID,
    batch_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    funding_id: uuid.UUID,
) -> Entry:
    """Build the journal that moves money from a batch's reserve into its budget, for more slots."""
    return Entry(
        "draw",
        f"draw:{funding_id}",
        workspace_id,
        (
            (reserve(workspace_id, batch_id, currency), -amount_minor),
            (budget(workspace_id, batch_id, currency), amount_minor),
        ),
    )


def release(
    *,
    workspace_id: uuid.UUID,
    batch_id: uuid.UUID,
    currency: str,
    budget_minor: int,
    reserve_minor: int,
    cause_id: uuid.UUID,
) -> Entry:
    """Build the journal that gives the money of cancelled slots, and the unused reserve, back to the workspace."""
    return Entry(
        "release",
        f"release:{cause_id}",
        workspace_id,
        _without_zeros(
            (budget(workspace_id, batch_id, currency), -budget_minor),
            (reserve(workspace_id, batch_id, currency), -reserve_minor),
            (available(workspace_id, currency), budget_minor + reserve_minor),
        ),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """A paid annotation, and what it costs, in minor units."""

    workspace_id: uuid.UUID
    batch_id: uuid.UUID
    annotation_id: uuid.UUID
    person_id: uuid.UUID
    currency: str
    price_minor: int
    fee_minor: int

    @property
    def cost_minor(self) -> int:
        return self.price_minor + self.fee_minor

    @property
    def budget(self) -> Purse:
        return budget(self.workspace_id, self.batch_id, self.currency)

    @property
    def hold(self) -> Purse:
        return hold(self.workspace_id, self.batch_id, self.currency)


def accrual(work: Work, *, held: bool = False) -> Entry:
    """Build the journal of accepted work: the price goes to the annotator and the fee to the platform.

    The batch's budget pays, or its hold if the work was rejected before.
    """
    return Entry(
        "accrual",
        f"accrual:{work.annotation_id}",
        work.workspace_id,
        _without_zeros(
            (work.hold if held else work.budget, -work.cost_minor),
            (payable(work.person_id, work.currency), work.price_minor),
            (platform("platform_revenue", work.currency), work.fee_minor),
        ),
    )


def rejection(work: Work) -> Entry:
    """Build the journal of rejected work: price and fee go on hold."""
    return Entry(
        "reject",
        f"reject:{work.annotation_id}",
        work.workspace_id,
        ((work.budget, -work.cost_minor), (work.hold, work.cost_minor)),
    )


def rejection_final(work: Work) -> Entry:
    """Build the journal of a rejection that is final: price and fee go back to the workspace's free balance."""
    return Entry(
        "rejectfinal",
        f"rejectfinal:{work.annotation_id}",
        work.workspace_id,
        (
            (work.hold, -work.cost_minor),
            (available(work.workspace_id, work.currency), work.cost_minor),
        ),
    )


def _without_zeros(*lines: tuple[Purse, int]) -> tuple[tuple[Purse, int], ...]:
    return tuple(line for line in lines if line[1])
