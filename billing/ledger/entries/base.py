"""Pure builders of balanced journals: what moves from which account to which, and the unique cause.

Amounts are signed minor units; liabilities and income are positive, assets negative. The lines of every journal
sum to zero.
"""

import hashlib
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
    reverses_id: uuid.UUID | None = None

    def __post_init__(self) -> None:
        if sum(amount for _, amount in self.lines) != 0:
            raise ValueError(f"{self.cause}: the lines do not sum to zero")
        if len({purse.currency for purse, _ in self.lines}) != 1:
            raise ValueError(f"{self.cause}: more than one currency")

    @property
    def fingerprint(self) -> str:
        """The digest of what moves from where to where, as the database's `ledger_fingerprint` computes it."""
        lines = sorted(
            "|".join(
                (
                    purse.kind,
                    purse.currency,
                    *(
                        str(key or "")
                        for key in (purse.workspace_id, purse.batch_id, purse.person_id)
                    ),
                    str(amount),
                )
            )
            for purse, amount in self.lines
        )
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def platform(kind: str, currency: str) -> Purse:
    """Return the purse of one of the platform's own accounts."""
    return Purse(kind, currency)


def available(workspace_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a workspace's free balance."""
    return Purse("workspace_available", currency, workspace_id)


def owed(workspace_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of what a workspace owes: its balance is negative while it owes something."""
    return Purse("workspace_receivable", currency, workspace_id)


def budget(workspace_id: uuid.UUID, batch_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a batch's job budget: price and fee of its slots that are not yet earned or released."""
    return Purse("batch_budget", currency, workspace_id, batch_id)


def reserve(workspace_id: uuid.UUID, batch_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a batch's reserve: what is set aside for slots that may be asked for later."""
    return Purse("batch_reserve", currency, workspace_id, batch_id)


def hold(workspace_id: uuid.UUID, batch_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of a batch's rejected work: price and fee until the rejection is final or overturned."""
    return Purse("rejection_hold", currency, workspace_id, batch_id)


def promised(workspace_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of what a workspace has promised to annotators beside the price of their answers."""
    return Purse("workspace_promised", currency, workspace_id)


def payable(person_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of what an annotator has earned and not been paid."""
    return Purse("annotator_payable", currency, person_id=person_id)


def pending(workspace_id: uuid.UUID, person_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of what an annotator has earned from a workspace whose payments are not clear yet."""
    return Purse("annotator_pending", currency, workspace_id, person_id=person_id)


def without_zeros(*lines: tuple[Purse, int]) -> tuple[tuple[Purse, int], ...]:
    """Return the lines that move something."""
    return tuple(line for line in lines if line[1])
