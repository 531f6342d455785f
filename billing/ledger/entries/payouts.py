"""Journals of money that is paid to annotators."""

import uuid

from billing.ledger.entries.base import Entry, Purse, payable, platform


def in_payout(person_id: uuid.UUID, currency: str) -> Purse:
    """Return the purse of what is on its way to an annotator."""
    return Purse("annotator_in_payout", currency, person_id=person_id)


def payout(
    *, payout_id: uuid.UUID, person_id: uuid.UUID, currency: str, amount_minor: int
) -> Entry:
    """Build the journal of a payout that is made: what is owed is on its way."""
    return Entry(
        "payout",
        f"payout:{payout_id}",
        None,
        (
            (payable(person_id, currency), -amount_minor),
            (in_payout(person_id, currency), amount_minor),
        ),
    )


def payout_failed(
    *, payout_id: uuid.UUID, person_id: uuid.UUID, currency: str, amount_minor: int
) -> Entry:
    """Build the journal of a payout that was refused for good: its money is owed again."""
    return Entry(
        "payoutfail",
        f"payoutfail:{payout_id}",
        None,
        (
            (in_payout(person_id, currency), -amount_minor),
            (payable(person_id, currency), amount_minor),
        ),
    )


def transfer(*, transfer_id: str, person_id: uuid.UUID, currency: str, amount_minor: int) -> Entry:
    """Build the journal of a transfer that Stripe made: the money is the annotator's."""
    return Entry(
        "transfer",
        f"transfer:{transfer_id}",
        None,
        (
            (in_payout(person_id, currency), -amount_minor),
            (platform("transfer_clearing", currency), amount_minor),
        ),
    )


def transferred(*, transaction_id: str, currency: str, amount_minor: int) -> Entry:
    """Build the journal of a transfer's balance transaction: it has left our balance at Stripe."""
    return Entry(
        "transferred",
        f"transferred:{transaction_id}",
        None,
        (
            (platform("transfer_clearing", currency), -amount_minor),
            (platform("stripe_available", currency), amount_minor),
        ),
    )


def taken_back(
    *,
    transaction_id: str,
    person_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    reason: str,
) -> Entry:
    """Build the journal of a transfer's reversal, by its balance transaction: the money is ours, and owed again."""
    return Entry(
        "transferback",
        f"transferback:{transaction_id}",
        None,
        (
            (platform("stripe_available", currency), -amount_minor),
            (payable(person_id, currency), amount_minor),
        ),
        reason,
    )


def by_hand(
    *,
    payout_id: uuid.UUID,
    person_id: uuid.UUID,
    currency: str,
    amount_minor: int,
    reference: str,
    actor_id: uuid.UUID,
) -> Entry:
    """Build the journal of a payout by bank transfer, as a second member of staff confirmed."""
    return Entry(
        "byhand",
        f"byhand:{payout_id}",
        None,
        (
            (in_payout(person_id, currency), -amount_minor),
            (platform("platform_cash", currency), amount_minor),
        ),
        reference,
        actor_id,
    )
