"""Journals of decided work."""

import uuid
from dataclasses import dataclass

from billing.ledger.entries.base import (
    Entry,
    Purse,
    available,
    budget,
    hold,
    payable,
    pending,
    platform,
    without_zeros,
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


def accrual(work: Work, *, held: bool = False, is_clear: bool = True) -> Entry:
    """Build the journal of accepted work: the price goes to the annotator and the fee to the platform.

    The batch's budget pays, or its hold if the work was rejected before. While the workspace's payments are not clear,
    the annotator cannot be paid yet.
    """
    purse = payable(work.person_id, work.currency)
    if not is_clear:
        purse = pending(work.workspace_id, work.person_id, work.currency)
    return Entry(
        "accrual",
        f"accrual:{work.annotation_id}",
        work.workspace_id,
        without_zeros(
            (work.hold if held else work.budget, -work.cost_minor),
            (purse, work.price_minor),
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


def cleared(
    *,
    workspace_id: uuid.UUID,
    person_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    cause_id: uuid.UUID,
) -> Entry:
    """Build the journal by which what an annotator earned can be paid, because the workspace's payments are clear."""
    return Entry(
        "cleared",
        f"cleared:{cause_id}",
        workspace_id,
        (
            (pending(workspace_id, person_id, currency), -amount_minor),
            (payable(person_id, currency), amount_minor),
        ),
    )
